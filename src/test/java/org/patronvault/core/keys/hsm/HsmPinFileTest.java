package org.patronvault.core.keys.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.slot.HsmSlot;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.SoftHsm;

/** Tests with a token of SoftHSM2. The token shows whether the last PIN was wrong, and so whether one was offered. */
class HsmPinFileTest {
    private static final String PIN = "314159";
    private static final byte[] ROOT = SecureBytes.random(32);

    @TempDir
    Path home;

    private static SoftHsm token;
    private static HsmSlot slot;

    private Path file;

    @BeforeAll
    static void createSlot() {
        token = SoftHsm.token(PIN);
        HsmAddress address = new HsmAddress(SoftHsm.library(), token.label(), "root");
        slot = HsmSlot.create("vault-a", new Slot.Head(2, 1, 0), address, PIN.toCharArray(), ROOT);
    }

    @AfterAll
    static void removeToken() {
        if (token != null) {
            token.close();
        }
    }

    @BeforeEach
    void makeHome() throws IOException {
        file = home.resolve("pin");
        Files.createDirectory(home.resolve("node"));
    }

    private byte[] open(int id) {
        // A new object each time, as after a restart.
        return new HsmPinFile(file, home.resolve("node")).offer(Set.of(id), pin -> slot.open("vault-a", pin));
    }

    private void typedWrong() throws IOException {
        Files.writeString(file, "000000\n");
        assertRefused(Problem.PIN_REFUSED, "The HSM refused the PIN", () -> open(2));
        assertThat(token.sawWrongPin()).isTrue();
        // A right PIN, from elsewhere, takes the flag down, so that it shows the next wrong one.
        token.tool("--login", "--pin", PIN, "--list-objects");
        assertThat(token.sawWrongPin()).isFalse();
    }

    private static void assertRefused(Problem problem, String sentence, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e.getMessage()).contains(sentence).doesNotContain(PIN, "000000");
        });
    }

    @Test
    void thePinInTheFileOpensTheSlot() throws IOException {
        Files.writeString(file, PIN + "\n");
        assertThat(open(2)).isEqualTo(ROOT);
        assertThat(home.resolve("node")).isEmptyDirectory();
    }

    @Test
    void aPinThatWasRefusedOnceIsNotOfferedAgainAfterARestart() throws IOException {
        typedWrong();
        for (int start = 0; start < 5; start++) {
            assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(2));
        }
        assertThat(token.sawWrongPin()).isFalse();
        assertThat(home.resolve("node/hsm-pin-refused")).content().doesNotContain("000000");
    }

    @Test
    void aPinThatWasMendedIsOffered() throws IOException {
        typedWrong();
        Files.writeString(file, PIN);
        assertThat(open(2)).isEqualTo(ROOT);
    }

    @Tag(LongRun.TAG)
    @Test
    void touchingTheFileOffersThePinOnceMore() throws IOException {
        typedWrong();
        long before = Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
        Files.setLastModifiedTime(file, FileTime.from(before + 1, TimeUnit.NANOSECONDS));
        assertRefused(Problem.PIN_REFUSED, "The HSM refused the PIN", () -> open(2));
        assertThat(token.sawWrongPin()).isTrue();
        assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(2));
    }

    @Tag(LongRun.TAG)
    @Test
    void anotherSlotsHsmIsStillOfferedIt() throws IOException {
        typedWrong();
        assertRefused(Problem.PIN_REFUSED, "The HSM refused the PIN", () -> open(3));
        assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(2));
        assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(3));
    }

    @Test
    void twoSlotsOnOneTokenCostOneTry() throws IOException {
        Files.writeString(file, "000000\n");
        HsmPinFile pin = new HsmPinFile(file, home.resolve("node"));
        assertRefused(
                Problem.PIN_REFUSED,
                "The HSM refused the PIN",
                () -> pin.offer(Set.of(2, 3), p -> slot.open("vault-a", p)));
        for (int other : new int[] {2, 3}) {
            assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(other));
            assertRefused(Problem.PIN_REFUSED, "not offered again", () -> pin.look(other));
        }
    }

    @Test
    void aPinThatTheHsmDidNotAnswerToMayHaveBeenCountedAndIsNotOfferedAgain() throws IOException {
        Files.writeString(file, PIN);
        HsmPinFile pin = new HsmPinFile(file, home.resolve("node"));
        assertRefused(
                Problem.SLOT_UNAVAILABLE,
                "in time",
                () -> pin.offer(Set.of(2), p -> {
                    throw Pkcs11Token.silent(new byte[0], "The HSM did not answer in time.");
                }));
        assertThat(open(2)).as("it was silent before it was given the PIN").isEqualTo(ROOT);
        assertRefused(
                Problem.PIN_REFUSED,
                "may have counted",
                () -> pin.offer(Set.of(2), p -> {
                    throw Pkcs11Token.silent(Pkcs11Child.LOGIN, "The HSM did not answer in time.");
                }));
        assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(2));
    }

    @Test
    void aLoginThatFailedForAReasonOfTheDevicesOwnCountsAsARefusedPin() {
        byte[] answer = CanonicalBytes.begin(Pkcs11Child.ANSWER)
                .lp(Pkcs11Child.Outcome.NOT_LET_IN.name())
                .lp(new byte[0])
                .bytes();
        assertRefused(Problem.PIN_REFUSED, "did not let the vault in", () -> Pkcs11Token.result(answer));
    }

    @Test
    void aPinThatAPersonGaveIsOfferedOnce() {
        HsmPin pin = HsmPin.given("000000".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertRefused(
                Problem.PIN_REFUSED,
                "The HSM refused the PIN",
                () -> pin.offer(Set.of(2), p -> slot.open("vault-a", p)));
        token.tool("--login", "--pin", PIN, "--list-objects");
        assertRefused(
                Problem.PIN_REFUSED, "not offered again", () -> pin.offer(Set.of(3), p -> slot.open("vault-a", p)));
        assertThat(token.sawWrongPin()).isFalse();
        assertRefused(Problem.INVALID, "255 bytes", () -> HsmPin.characters(new byte[0]));
    }

    @Test
    void anHsmThatIsAwayTakesNothingAgainstThePin() throws IOException {
        Files.writeString(file, PIN);
        HsmAddress away = new HsmAddress(SoftHsm.library(), "unplugged", "root");
        HsmPinFile pin = new HsmPinFile(file, home.resolve("node"));
        HsmSlot gone = new HsmSlot(new Slot.Head(2, 1, 0), away, slot.inToken(), slot.wrap());
        assertRefused(
                Problem.SLOT_UNAVAILABLE,
                "connected",
                () -> pin.offer(Set.of(2), offered -> gone.open("vault-a", offered)));
        assertThat(home.resolve("node")).isEmptyDirectory();
    }

    @Tag(LongRun.TAG)
    @Test
    void aMarkerThatCannotBeReadIsTakenForARefusal() throws IOException {
        Files.writeString(file, PIN);
        Files.writeString(home.resolve("node/hsm-pin-refused"), "{");
        assertRefused(Problem.PIN_REFUSED, "remove it", () -> open(2));
        Files.delete(home.resolve("node/hsm-pin-refused"));
        assertThat(open(2)).isEqualTo(ROOT);
    }

    @Test
    void aFileWithoutAPinIsRefused() throws IOException {
        assertRefused(Problem.KEYS_REFUSED, "unseal.hsmPinFile", () -> open(2));
        for (byte[] content : new byte[][] {{}, {'\n'}, {(byte) 0xC3, '\n'}, new byte[256]}) {
            Files.write(file, content);
            assertRefused(Problem.KEYS_REFUSED, "unseal.hsmPinFile", () -> open(2));
        }
    }
}

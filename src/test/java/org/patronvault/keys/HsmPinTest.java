package org.patronvault.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.testing.SoftHsm;

/** A token of SoftHSM2 shows whether the last PIN it was offered was wrong, and so whether it was offered one. */
class HsmPinTest {
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
        return new HsmPin(file, home.resolve("node")).offer(id, pin -> slot.open("vault-a", pin));
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

    @Test
    void touchingTheFileOffersThePinOnceMore() throws IOException {
        typedWrong();
        long before = Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
        Files.setLastModifiedTime(file, FileTime.from(before + 1, TimeUnit.NANOSECONDS));
        assertRefused(Problem.PIN_REFUSED, "The HSM refused the PIN", () -> open(2));
        assertThat(token.sawWrongPin()).isTrue();
        assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(2));
    }

    @Test
    void anotherSlotsHsmIsStillOfferedIt() throws IOException {
        typedWrong();
        assertRefused(Problem.PIN_REFUSED, "The HSM refused the PIN", () -> open(3));
        assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(2));
        assertRefused(Problem.PIN_REFUSED, "not offered again", () -> open(3));
    }

    @Test
    void anHsmThatIsAwayTakesNothingAgainstThePin() throws IOException {
        Files.writeString(file, PIN);
        HsmAddress away = new HsmAddress(SoftHsm.library(), "unplugged", "root");
        HsmPin pin = new HsmPin(file, home.resolve("node"));
        HsmSlot gone = new HsmSlot(new Slot.Head(2, 1, 0), away, slot.inToken(), slot.wrap());
        assertRefused(
                Problem.SLOT_UNAVAILABLE, "connected", () -> pin.offer(2, offered -> gone.open("vault-a", offered)));
        assertThat(home.resolve("node")).isEmptyDirectory();
    }

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

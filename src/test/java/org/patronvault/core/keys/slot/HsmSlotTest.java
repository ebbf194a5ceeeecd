package org.patronvault.core.keys.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.keys.hsm.Pkcs11Child;
import org.patronvault.core.keys.hsm.Pkcs11Token;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.SoftHsm;

/** Tests of HSM slots on a token of SoftHSM2. */
class HsmSlotTest {
    private static final String PIN = "271828";
    private static final byte[] ROOT = SecureBytes.random(32);

    private static SoftHsm token;
    private static HsmAddress address;
    private static HsmSlot slot;

    @TempDir
    Path directory;

    @BeforeAll
    static void createSlot() {
        token = SoftHsm.token(PIN);
        address = new HsmAddress(SoftHsm.library(), token.label(), "root of vault-a");
        slot = HsmSlot.create("vault-a", new Slot.Head(2, 1, 1_795_000_000), address, pin(), ROOT);
    }

    @AfterAll
    static void removeToken() {
        if (token != null) {
            token.close();
        }
    }

    private static char[] pin() {
        return PIN.toCharArray();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    private static HsmSlot at(HsmAddress where) {
        return new HsmSlot(new Slot.Head(2, 1, 0), where, slot.inToken(), slot.wrap());
    }

    private static void assertRefused(Problem problem, String cure, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e.getMessage()).contains(cure).doesNotContain(token.label(), PIN, "libsofthsm2");
        });
    }

    @Test
    void aSlotComesBackFromItsJsonAndTheTokenOpensIt() {
        HsmSlot read = HsmSlot.ofJson(slot.toJson());
        assertThat(read).usingRecursiveComparison().isEqualTo(slot);
        assertThat(read.open("vault-a", pin())).isEqualTo(ROOT);
        assertThat(slot.toJson().toString()).doesNotContain(PIN);
    }

    @Test
    void thePinIsWipedWhateverComesOfIt() {
        char[] right = pin();
        slot.open("vault-a", right);
        assertThat(right).containsOnly('\0');
        char[] forNoToken = pin();
        HsmSlot elsewhere = at(new HsmAddress(address.library(), "no such token", address.key()));
        assertThatThrownBy(() -> elsewhere.open("vault-a", forNoToken)).isInstanceOf(Refused.class);
        assertThat(forNoToken).containsOnly('\0');
    }

    @Test
    void theKeyCannotBeReadOutOfTheToken() {
        assertThat(token.tool("--login", "--pin", PIN, "--list-objects"))
                .contains("label:      root of vault-a")
                .contains("sensitive, always sensitive, never extractable");
        assertThat(token.tool("--login", "--pin", PIN, "--read-object", "--type", "secrkey", "--label", address.key()))
                .contains("CKR_ATTRIBUTE_SENSITIVE", "get CKA_VALUE failed");
    }

    @Test
    void aKeyThatCouldLeaveTheTokenIsNotUsed() {
        token.tool("--login", "--pin", PIN, "--keygen", "--key-type", "aes:32", "--label", "open", "--extractable");
        HsmAddress open = new HsmAddress(address.library(), address.token(), "open");
        assertRefused(
                Problem.KEYS_REFUSED,
                "name another",
                () -> HsmSlot.create("vault-a", new Slot.Head(3, 1, 0), open, pin(), ROOT));
        token.tool(
                "--login",
                "--pin",
                PIN,
                "--keygen",
                "--key-type",
                "aes:32",
                "--label",
                "half",
                "--extractable",
                "--sensitive");
        HsmAddress half = new HsmAddress(address.library(), address.token(), "half");
        assertRefused(
                Problem.KEYS_REFUSED,
                "name another",
                () -> HsmSlot.create("vault-a", new Slot.Head(3, 1, 0), half, pin(), ROOT));
    }

    @Tag(LongRun.TAG)
    @Test
    void slotsOfTwoVaultsUnderOneKeyAreNotInterchangeable() {
        HsmSlot other = HsmSlot.create("vault-b", new Slot.Head(2, 1, 0), address, pin(), ROOT);
        assertThat(other.open("vault-b", pin())).isEqualTo(ROOT);
        assertThatThrownBy(() -> other.open("vault-a", pin())).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> slot.open("vault-b", pin())).isInstanceOf(IntegrityException.class);
    }

    @Test
    void aFlippedBitInTheTokensCiphertextIsRefused() {
        for (int at : LongRun.ON ? new int[] {0, 12, slot.inToken().length - 1} : new int[] {12}) {
            HsmSlot changed = new HsmSlot(new Slot.Head(2, 1, 0), address, flipped(slot.inToken(), at), slot.wrap());
            assertThatThrownBy(() -> changed.open("vault-a", pin())).isInstanceOf(IntegrityException.class);
        }
        HsmSlot truncated = new HsmSlot(new Slot.Head(2, 1, 0), address, new byte[5], slot.wrap());
        assertThatThrownBy(() -> truncated.open("vault-a", pin())).isInstanceOf(IntegrityException.class);
    }

    @Test
    void aFlippedBitInTheWrapIsRefused() {
        HsmSlot changed = new HsmSlot(
                new Slot.Head(2, 1, 0), address, slot.inToken(), flipped(slot.wrap(), slot.wrap().length - 1));
        assertThatThrownBy(() -> changed.open("vault-a", pin())).isInstanceOf(IntegrityException.class);
    }

    @Test
    void aSlotUnderAnotherNumberOrRootIsRefused() {
        HsmSlot moved = new HsmSlot(new Slot.Head(3, 1, 0), address, slot.inToken(), slot.wrap());
        assertThatThrownBy(() -> moved.open("vault-a", pin())).isInstanceOf(IntegrityException.class);
        HsmSlot older = new HsmSlot(new Slot.Head(2, 2, 0), address, slot.inToken(), slot.wrap());
        assertThatThrownBy(() -> older.open("vault-a", pin())).isInstanceOf(IntegrityException.class);
    }

    @Tag(LongRun.TAG)
    @Test
    void aSlotThatPointsToAnotherTokenWithAKeyOfTheSameNameIsRefused() {
        try (SoftHsm other = SoftHsm.token(PIN)) {
            HsmAddress there = new HsmAddress(address.library(), other.label(), address.key());
            assertRefused(Problem.KEYS_REFUSED, "no AES key", () -> at(there).open("vault-a", pin()));
            HsmSlot.create("vault-a", new Slot.Head(2, 1, 0), there, pin(), ROOT);
            assertThatThrownBy(() -> at(there).open("vault-a", pin())).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void twoTokensOfOneNameAreRefusedBeforeAPinIsOffered() {
        try (SoftHsm one = SoftHsm.token(PIN);
                SoftHsm two = SoftHsm.token(one.label(), PIN)) {
            HsmAddress there = new HsmAddress(address.library(), two.label(), address.key());
            assertRefused(Problem.KEYS_REFUSED, "rename", () -> at(there).open("vault-a", "000000".toCharArray()));
            assertThat(one.sawWrongPin()).isFalse();
        }
    }

    @Test
    void aWrongPinIsRefusedAsSuch() {
        try (SoftHsm other = SoftHsm.token(PIN)) {
            HsmAddress there = new HsmAddress(address.library(), other.label(), address.key());
            assertRefused(Problem.PIN_REFUSED, "PIN", () -> at(there).open("vault-a", "000000".toCharArray()));
            assertThat(other.sawWrongPin()).isTrue();
        }
    }

    @Tag(LongRun.TAG)
    @Test
    void aTokenThatIsTakenAwayBetweenTwoUsesIsUnavailableAndNotAnError() {
        SoftHsm other = SoftHsm.token(PIN);
        HsmAddress there = new HsmAddress(address.library(), other.label(), address.key());
        HsmSlot made = HsmSlot.create("vault-a", new Slot.Head(2, 1, 0), there, pin(), ROOT);
        assertThat(made.open("vault-a", pin())).isEqualTo(ROOT);
        other.close();
        assertRefused(Problem.SLOT_UNAVAILABLE, "connected", () -> made.open("vault-a", pin()));
    }

    @Test
    void whetherATokenIsThereIsSeenWithoutAPin() {
        Pkcs11Token.look(address);
        assertThat(token.sawWrongPin()).isFalse();
        assertRefused(
                Problem.SLOT_UNAVAILABLE,
                "connected",
                () -> Pkcs11Token.look(new HsmAddress(address.library(), "no such token", address.key())));
    }

    @Tag(LongRun.TAG)
    @Test
    void anHsmAddsLessThanASecondToUnsealing() {
        long fastest = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            long before = System.nanoTime();
            slot.open("vault-a", pin());
            fastest = Math.min(fastest, System.nanoTime() - before);
        }
        assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aLibraryThatHangsIsGivenUpAndItsProcessEnded() {
        SoftHsm.whileHanging(() -> {
            long before = System.nanoTime();
            assertRefused(
                    Problem.SLOT_UNAVAILABLE,
                    "in time",
                    () -> Pkcs11Token.ask(
                            Duration.ofSeconds(1),
                            Pkcs11Child.Act.UNWRAP,
                            address,
                            pin(),
                            new byte[0],
                            slot.inToken()));
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
            await().until(() -> ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive));
        });
        assertThat(slot.open("vault-a", pin())).isEqualTo(ROOT);
    }

    @Test
    void aLibraryThatIsNotThereOrNoneIsRefused() throws IOException {
        assertRefused(
                Problem.KEYS_REFUSED,
                "install",
                () -> at(new HsmAddress("/nowhere/p11.so", token.label(), "k")).open("vault-a", pin()));
        Path none = Files.writeString(directory.resolve("none.so"), "no library");
        assertRefused(
                Problem.KEYS_REFUSED,
                "library",
                () -> at(new HsmAddress(none.toString(), token.label(), "k")).open("vault-a", pin()));
    }

    @Test
    void aLibraryThatOthersCanWriteIsNotLoaded() throws IOException {
        Path copy = Files.copy(Path.of(SoftHsm.library()), directory.resolve("copy.so"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-rw-r--"));
        assertRefused(
                Problem.KEYS_REFUSED,
                "writable by nobody else",
                () -> at(new HsmAddress(copy.toString(), address.token(), address.key()))
                        .open("vault-a", pin()));
    }

    @Test
    void anAddressIsReadAsRfc7512WritesIt() {
        assertThat(HsmAddress.of("pkcs11:token=The%20Token;object=root+key?module-path=/usr/lib/p11.so"))
                .isEqualTo(new HsmAddress("/usr/lib/p11.so", "The Token", "root+key"));
        assertThat(HsmAddress.of("pkcs11:object=k;token=%C3%BC?module-path=/l.so")
                        .token())
                .isEqualTo("ü");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pkcs11:",
                "pkcs11:token=t;object=k",
                "pkcs11:token=t?module-path=/l.so",
                "pkcs11:token=t;object=k;token=u?module-path=/l.so",
                "pkcs11:token=t;object=k?module-path=/l.so&pin-value=1234",
                "pkcs11:token=t;object=k;slot-id=1?module-path=/l.so",
                "pkcs11:token=;object=k?module-path=/l.so",
                "pkcs11:token=%zz;object=k?module-path=/l.so",
                "pkcs11:token=t%0A;object=k?module-path=/l.so",
                "pkcs11:token=t%20;object=k?module-path=/l.so",
                "pkcs11:token=012345678901234567890123456789012;object=k?module-path=/l.so",
                "pkcs11:token=t;object=k?module-path=l.so",
                "pkcs11:token=t;object=k?module-path=/a/../l.so",
                "pkcs11:token=t;object=k?module-path=/l%0Aslot=1",
                "pkcs11:token=t;object=k?module-path=/%24{user.home}/l.so",
                "PKCS11:token=t;object=k?module-path=/l.so"
            })
    void anythingElseIsNoAddressAndIsNotRepeated(String uri) {
        assertThatThrownBy(() -> HsmAddress.of(uri)).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(Problem.INVALID);
            assertThat(e.getMessage()).doesNotContain("1234", "slot-id", "/l.so");
        });
    }

    @Test
    void aSlotThatCannotBeReadIsRefused() {
        for (String member : new String[] {"library", "token", "key", "created"}) {
            assertThatThrownBy(() -> HsmSlot.ofJson(slot.toJson().put(member, "")))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
        }
        for (String member : new String[] {"inToken", "wrap"}) {
            assertThatThrownBy(() -> HsmSlot.ofJson(slot.toJson().put(member, "?")))
                    .isInstanceOf(Refused.class);
        }
    }
}

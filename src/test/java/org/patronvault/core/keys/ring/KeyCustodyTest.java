package org.patronvault.core.keys.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeyRingFactory;
import org.patronvault.core.keys.UnsealWithPassphrase;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;

/** Tests with one set of keys for all, since each derivation of a slot's key takes a second. */
class KeyCustodyTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:00:00Z"), ZoneOffset.UTC);
    private static final byte[] PASSPHRASE = "four words in a row".getBytes(UTF_8);
    private static final PatronId PATRON = new PatronId(7);
    private static final byte[] UNBOUND = new byte[0];

    @TempDir
    static Path home;

    private static KeyCustody custody;

    @BeforeAll
    static void createKeys() {
        custody = create(home.resolve("keys"), "vault-a", PASSPHRASE);
    }

    private static KeyCustody create(Path directory, String vaultId, byte[] passphrase) {
        try (SlotMaker slots = SlotMaker.forNewVault(vaultId, CLOCK)) {
            slots.addPassphrase(passphrase);
            return KeyRingFactory.create(directory, slots, CLOCK);
        }
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private static Path copyOfKeys(Path into) throws IOException {
        Path keys = Files.createDirectories(into.resolve("copied-keys"));
        for (String file : new String[] {"ring.json", "slots.json"}) {
            Files.copy(home.resolve("keys").resolve(file), keys.resolve(file));
        }
        return keys;
    }

    @Test
    void newKeysAreOpenAndEveryOneIsAPrimary() {
        assertThat(custody.isSealed()).isFalse();
        assertThat(custody.vaultId()).isEqualTo("vault-a");
        assertThat(custody.keys().inventory())
                .extracting(RingKey::name)
                .containsAll(KeyName.all())
                .contains("card", "name", "address", "phone", "email", "meta", "labels", "case");
        assertThat(custody.keys().inventory().stream().filter(k -> k.state() == KeyState.PRIMARY))
                .extracting(RingKey::name)
                .doesNotHaveDuplicates();
        assertThat(custody.slots()).singleElement().satisfies(slot -> {
            assertThat(slot.kind()).isEqualTo("passphrase");
            assertThat(slot.created()).isEqualTo(CLOCK.instant());
        });
    }

    @Test
    void onlyTheOwnerCanReadTheKeysAndNothingIsLeftBeside(@TempDir Path into) throws IOException {
        Path keys = into.resolve("keys");
        try (SlotMaker slots = SlotMaker.forNewVault("vault-b", CLOCK)) {
            slots.addShares(2, 2).forEach(slots::prove);
            KeyRingFactory.create(keys, slots, CLOCK).seal();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(keys)) {
            assertThat(files)
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void aPassphraseTooShortOrTooLongMakesNoKeys(@TempDir Path empty) {
        for (int size : new int[] {0, 11, 1025}) {
            assertRefused(Problem.INVALID, () -> create(empty.resolve("keys"), "v", new byte[size]));
        }
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void keysAreNotMadeOverOthers() {
        try (SlotMaker slots = SlotMaker.forNewVault("vault-b", CLOCK)) {
            slots.addShares(2, 2).forEach(slots::prove);
            assertRefused(Problem.HOME_EXISTS, () -> KeyRingFactory.create(home.resolve("keys"), slots, CLOCK));
        }
    }

    @Test
    void aDirectoryWithoutARingIsRefused(@TempDir Path empty) {
        assertRefused(Problem.KEYS_REFUSED, () -> KeyCustody.at(empty, CLOCK));
    }

    @Test
    void thePassphraseOpensACopyOfTheKeysAndSealingClosesThem(@TempDir Path into) throws IOException {
        KeyCustody copy = KeyCustody.at(copyOfKeys(into), CLOCK);
        assertThat(copy.isSealed()).isTrue();
        assertThat(copy.vaultId()).isEqualTo("vault-a");
        assertThat(copy.slots()).hasSize(1);
        assertRefused(Problem.SEALED, copy::keys);
        assertRefused(Problem.SEALED, copy::mark);

        copy.unseal(PASSPHRASE);
        assertThat(copy.opener()).isEqualTo(1);
        assertThat(copy.keys().logSigning().publicKey())
                .isEqualTo(custody.keys().logSigning().publicKey());
        assertThat(copy.mark().revision()).isEqualTo(custody.mark().revision());
        assertThat(copy.mark().digest()).isEqualTo(custody.mark().digest());
        copy.ensureContentKey(203001);

        UnsealedKeys held = copy.keys();
        copy.seal();
        assertThat(copy.isSealed()).isTrue();
        assertThat(copy.opener()).isZero();
        assertRefused(Problem.SEALED, copy::keys);
        assertRefused(Problem.SEALED, () -> copy.addVersion("name"));
        assertRefused(Problem.SEALED, () -> copy.ensureContentKey(203002));
        assertThat(held.inventory()).allSatisfy(key -> assertThat(key.secret()).containsOnly(0));
        // A holder of the primitives must not encrypt under the remains of a wiped key.
        byte[] box = held.logContent(203001).seal(UNBOUND, new byte[] {1});
        assertThatThrownBy(() -> SealedBox.open(new byte[32], UNBOUND, box)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void aWrongPassphraseOpensNothing(@TempDir Path into) throws IOException {
        KeyCustody copy = KeyCustody.at(copyOfKeys(into), CLOCK);
        assertRefused(Problem.INVALID_CREDENTIALS, () -> copy.unseal("four words in a raw".getBytes(UTF_8)));
        assertThat(copy.isSealed()).isTrue();
    }

    @Tag(LongRun.TAG)
    @Test
    void aTamperedRingIsToldApartFromAWrongPassphrase(@TempDir Path into) throws IOException {
        Path keys = copyOfKeys(into);
        RingFile ring = RingFile.read(keys.resolve("ring.json"));
        byte[] flipped = ring.sealed().clone();
        flipped[flipped.length / 2] ^= 1;
        new RingFile(ring.vaultId(), ring.revision(), ring.root(), ring.after(), flipped)
                .write(keys.resolve("ring.json"));
        KeyCustody copy = KeyCustody.at(keys, CLOCK);
        assertRefused(Problem.KEYS_REFUSED, () -> copy.unseal(PASSPHRASE));
        assertThat(copy.isSealed()).isTrue();
    }

    @Test
    void theRingOfAnotherVaultIsRefused(@TempDir Path into) throws IOException {
        Path keys = copyOfKeys(into);
        KeyRing foreign = KeyRing.create("vault-b", new java.security.SecureRandom(), CLOCK);
        RingFile.seal(foreign, 1, new byte[32], Optional.empty()).write(keys.resolve("ring.json"));
        assertRefused(Problem.KEYS_REFUSED, () -> KeyCustody.at(keys, CLOCK).unseal(PASSPHRASE));
    }

    @Test
    void aNewVersionSealsWhatIsNewAndTheOldOneStillOpensWhatIsOld() {
        FieldKeys before = custody.keys().fields();
        int old = before.primaryVersion(PatronField.NAME);
        byte[] envelope = before.seal(PatronField.NAME, PATRON, 1, UNBOUND, new byte[] {1, 2});
        long revision = custody.mark().revision();

        RingRevision mark = custody.addVersion("name");
        assertThat(mark.revision()).isEqualTo(revision + 1);
        RingFile written = RingFile.read(home.resolve("keys/ring.json"));
        assertThat(written.revision()).isEqualTo(mark.revision());
        assertThat(written.digest()).isEqualTo(mark.digest());

        FieldKeys after = custody.keys().fields();
        assertThat(after.primaryVersion(PatronField.NAME)).isEqualTo(old + 1);
        assertThat(after.open(PatronField.NAME, PATRON, 1, UNBOUND, envelope)).containsExactly(1, 2);
        byte[] rewrapped = after.rewrap(PatronField.NAME, PATRON, 1, UNBOUND, envelope);
        assertThat(FieldKeys.kekVersion(rewrapped)).isEqualTo(old + 1);
        assertThat(after.rowHash(PatronField.NAME, PATRON, 1, UNBOUND, rewrapped))
                .isEqualTo(before.rowHash(PatronField.NAME, PATRON, 1, UNBOUND, envelope));
        assertThat(before.open(PatronField.NAME, PATRON, 1, UNBOUND, rewrapped))
                .as("by the newest ring, which another node may have made")
                .containsExactly(1, 2);
        assertThatThrownBy(() -> after.open(PatronField.ADDRESS, PATRON, 1, UNBOUND, envelope))
                .isInstanceOf(IntegrityException.class);

        custody.retire("name", old);
        assertThat(custody.keys().inventory())
                .filteredOn(k -> k.name().equals("name") && k.version() == old)
                .singleElement()
                .satisfies(k -> assertThat(k.state()).isEqualTo(KeyState.RETIRED));
    }

    @Test
    void everyFieldHasAKeyOfItsOwnAndAPadding() {
        FieldKeys fields = custody.keys().fields();
        for (PatronField field : PatronField.values()) {
            byte[] absent = fields.seal(field, PATRON, 1, UNBOUND, UNBOUND);
            byte[] set = fields.seal(field, PATRON, 1, UNBOUND, new byte[] {1, 2, 3});
            assertThat(absent).as(field.wireName()).hasSameSizeAs(set);
            assertThat(fields.open(field, PATRON, 1, UNBOUND, absent)).isEmpty();
        }
    }

    @Test
    void eachMonthHasOneContentKeyAndNoneOpensWhatAnotherSealed() {
        custody.ensureContentKey(202701);
        long revision = custody.mark().revision();
        custody.ensureContentKey(202701);
        assertThat(custody.mark().revision()).isEqualTo(revision);
        custody.ensureContentKey(202702);
        UnsealedKeys keys = custody.keys();
        assertThat(keys.hasContentKey(202701)).isTrue();
        assertThat(keys.hasContentKey(202703)).isFalse();
        assertThatThrownBy(() -> keys.logContent(202703)).isInstanceOf(IntegrityException.class);
        byte[] sealed = keys.logContent(202701).seal(UNBOUND, new byte[] {9});
        assertThat(keys.logContent(202701).open(UNBOUND, sealed)).containsExactly(9);
        assertThatThrownBy(() -> keys.logContent(202702).open(UNBOUND, sealed)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void aMonthHasOneKeyOnceAndWhatAClockSaysThatWasSetBackGoesUnderTheNewest(@TempDir Path into) {
        KeyCustody copy = OpenedKeys.create(into.resolve("keys"), "vault-b", CLOCK);
        assertThat(copy.keys().contentMonth(197001))
                .as("of the first month there is")
                .isEqualTo(197001);
        copy.ensureContentKey(203011);
        copy.ensureContentKey(203512);
        for (int month : new int[] {203011, 203012, 203512, 203601}) {
            assertThat(copy.keys().contentMonth(month)).isEqualTo(month);
        }
        assertThat(copy.keys().contentMonth(197001)).isEqualTo(203512);

        copy.destroy(KeyName.LOG_CONTENT, 203011);
        assertThat(copy.keys().contentMonth(203011)).isEqualTo(203512);
        assertThat(copy.keys().contentMonth(203010)).isEqualTo(203512);
        assertThat(copy.keys().contentMonth(203012)).isEqualTo(203012);
        long revision = copy.mark().revision();
        assertThatThrownBy(() -> copy.ensureContentKey(203011)).isInstanceOf(IllegalStateException.class);
        assertThat(copy.mark().revision()).isEqualTo(revision);

        copy.destroy(KeyName.LOG_CONTENT, 203512);
        assertThat(copy.keys().contentMonth(203512)).isEqualTo(203601);
        assertThat(copy.keys().contentMonth(197001)).isEqualTo(203601);
    }

    @Test
    void aChangeThatCannotBeWrittenIsNotUsed() throws IOException {
        int before = custody.keys().fields().primaryVersion(PatronField.EMAIL);
        byte[] onDisk = Files.readAllBytes(home.resolve("keys/ring.json"));
        Path inTheWay = Files.createDirectories(home.resolve("keys/ring.json.new/in-the-way"));
        try {
            assertRefused(Problem.STORE_FULL, () -> custody.addVersion("email"));
        } finally {
            Files.delete(inTheWay);
            Files.delete(inTheWay.getParent());
        }
        assertThat(custody.keys().fields().primaryVersion(PatronField.EMAIL)).isEqualTo(before);
        assertThat(home.resolve("keys/ring.json")).hasBinaryContent(onDisk);
    }

    @Test
    void aSmallHeapUnsealsThroughAProcessOfItsOwn(@TempDir Path into) throws Exception {
        Path output = into.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        UnsealWithPassphrase.class.getName(),
                        copyOfKeys(into).toString())
                .redirectError(into.resolve("errors").toFile())
                .redirectOutput(output.toFile())
                .start();
        try (var in = process.getOutputStream()) {
            in.write(PASSPHRASE);
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(into.resolve("errors")).isEmptyFile();
        assertThat(output)
                .hasContent(HexFormat.of().formatHex(custody.keys().logSigning().publicKey()));
        assertThat(process.exitValue()).isZero();
    }
}

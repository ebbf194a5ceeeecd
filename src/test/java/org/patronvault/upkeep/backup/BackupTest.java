package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.OtherDisk;
import org.patronvault.upkeep.doctor.BackupLook;
import org.patronvault.upkeep.doctor.Doctor;

/** Tests of what a backup holds, leaves out, and refuses. */
final class BackupTest {
    private static final int PATRONS = 60;

    @TempDir
    private Path directory;

    private OpenVault vault;

    @BeforeEach
    void importPatrons() {
        vault = OpenVault.onSqlite();
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Path copy() {
        return directory.resolve("copy");
    }

    private Backup.Result make(Path into) {
        return vault.backup().make(OpenVault.person("custodian"), into, Progress.UNSEEN);
    }

    private BackupRegister register() {
        return new BackupRegister(
                vault.vault().store(), vault.vault().log(), vault.vault().access());
    }

    private BackupManifest manifest() {
        return new BackupDirectory(copy()).manifest(vault.vault().custody().keys());
    }

    private static void assertRefused(Problem problem, String says, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e).hasMessageContaining(says);
        });
    }

    @Test
    void copyAndManifestAreForTheOwnerAloneAndThereIsNothingElse() throws IOException {
        Backup.Result made = make(copy());

        assertThat(made.patrons()).isEqualTo(PATRONS);
        assertThat(made.values()).isEqualTo(7L * PATRONS);
        try (var files = Files.list(copy())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("vault.db.sealed", "manifest.json");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy())))
                .isEqualTo("rwx------");
        assertThat(List.of("vault.db.sealed", "manifest.json"))
                .allSatisfy(file -> assertThat(
                                PosixFilePermissions.toString(Files.getPosixFilePermissions(copy().resolve(file))))
                        .isEqualTo("rw-------"));
        assertThat(made.bytes()).isEqualTo(Files.size(copy().resolve("vault.db.sealed")));
    }

    @Test
    void manifestSaysWhatIsInTheCopy() {
        vault.vault().custody().addVersion("phone");
        PatronId erased = vault.register("'card':'900','name':{'family':'Gone'},'phone':['203-555-0199']");
        vault.register("'card':'901','name':{'family':'Here'},'phone':['203-555-0198']");
        vault.erase(erased);
        long entries = vault.logSize();

        make(copy());

        BackupContents contents = manifest().contents();
        assertThat(contents.vault()).isEqualTo(vault.vault().custody().vaultId());
        assertThat(contents.patrons()).isEqualTo(PATRONS + 1);
        assertThat(contents.values()).isEqualTo(7L * (PATRONS + 1));
        assertThat(contents.tombstones()).isEqualTo(1);
        assertThat(contents.indexEntries()).isEqualTo(40L * (PATRONS + 2));
        assertThat(contents.logSize()).isEqualTo(entries);
        assertThat(contents.checkpoint()).startsWith("patron-vault/" + contents.vault() + "\n" + entries + "\n");
        assertThat(contents.kekVersions().get("phone")).containsExactly(1, 2);
        assertThat(contents.kekVersions().get("email")).containsExactly(1);
        assertThat(manifest().ringRevision())
                .isEqualTo(vault.vault().custody().mark().revision());
        assertThat(manifest().made())
                .isEqualTo(vault.clock().instant().truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
    }

    @Test
    void keysAreInNoFileOfIt() throws IOException {
        make(copy());
        String sealed = OpenVault.json(Files.readString(vault.home().keys().resolve("ring.json")))
                .path("sealed")
                .asText();
        for (String file : List.of("vault.db.sealed", "manifest.json")) {
            String content = Files.readString(copy().resolve(file), StandardCharsets.ISO_8859_1);
            assertThat(content)
                    .doesNotContain(sealed)
                    .doesNotContain("pv1.ring")
                    .doesNotContain("pv1.slots");
        }
    }

    @Test
    void oldCiphertextAndPagesGivenFreeAreLeftBehind() throws IOException, SQLException {
        PatronId patron = vault.register("'card':'900','name':{'family':'Old'},'phone':['203-555-0199']");
        byte[] old = envelope(patron, "name");
        vault.patch(patron, 1, "{'name':{'family':'New'}}");
        vault.erase(patron);
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            // As a database looks that was written without secure_delete.
            statement.execute("PRAGMA secure_delete = OFF");
            statement.execute("CREATE TABLE scrap (bytes BLOB)");
            statement.execute("INSERT INTO scrap VALUES (x'" + HexFormat.of().formatHex(old) + "')");
            statement.execute("DROP TABLE scrap");
            statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
        byte[] source = Files.readAllBytes(vault.home().database());
        assertThat(indexOf(source, old))
                .as("the old bytes are in the home's file")
                .isNotNegative();

        make(copy());

        assertThat(indexOf(Files.readAllBytes(vault.opened(copy())), old)).isNegative();
    }

    private static int indexOf(byte[] in, byte[] what) {
        for (int at = 0; at <= in.length - what.length; at++) {
            if (in[at] == what[0] && Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
                return at;
            }
        }
        return -1;
    }

    private byte[] envelope(PatronId patron, String field) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT envelope FROM cell WHERE patron = " + patron.number()
                        + " AND field = '" + field + "'")) {
            return row.getBytes(1);
        }
    }

    @Test
    void everyWriteAcknowledgedBeforeItBeganIsInItAndWritesGoOnMeanwhile() throws Exception {
        List<PatronId> acknowledged = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            acknowledged.add(vault.register("'card':'8" + i + "','name':{'family':'Before'}"));
        }
        AtomicBoolean going = new AtomicBoolean(true);
        AtomicInteger during = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(2);
        List<Future<?>> running = new ArrayList<>();
        for (String prefix : List.of("7", "6")) {
            running.add(clients.submit(() -> {
                for (int i = 0; going.get(); i++) {
                    PatronDraft draft = vault.draft("'card':'" + prefix + i + "','name':{'family':'During'}");
                    vault.patrons()
                            .registration()
                            .register(OpenVault.person("circulation"), draft, Optional.empty(), AuditLog.newRequest());
                    during.incrementAndGet();
                }
            }));
        }
        int before = during.get();
        make(copy());
        int after = during.get();
        going.set(false);
        for (Future<?> one : running) {
            one.get();
        }
        clients.shutdown();

        assertThat(after).as("writes while it was made").isGreaterThan(before);
        try (StoreCopy copy = StoreCopy.open(vault.opened(copy()))) {
            assertThat(acknowledged)
                    .allSatisfy(id -> assertThat(
                                    copy.<Boolean>read(tx -> tx.patrons().everUsed(id)))
                            .isTrue());
        }
    }

    @Test
    void provenBackupIsInTheRegisterAndInTheLog() {
        long entries = vault.logSize();
        assertThat(register().newestProven()).isEmpty();

        Backup.Result made = make(copy());

        BackupRegister.VerifiedBackup proven = register().newestProven().orElseThrow();
        assertThat(proven.id()).isEqualTo(made.id()).matches("[0-9a-f]{16}");
        assertThat(proven.logSize()).isEqualTo(entries);
        assertThat(proven.by()).isEqualTo("p-custodian");
        assertThat(register().provenAfter(entries - 1)).contains(proven);
        assertThat(register().provenAfter(entries)).isEmpty();
        AccessEvent event = vault.logSince(entries).get(0);
        assertThat(event.act()).isEqualTo(ActKind.BACKUP);
        assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
        assertThat(event.about()).contains(made.id());

        vault.restart();
        Backup.Result second = make(directory.resolve("second"));
        assertThat(register().newestProven().orElseThrow().id()).isEqualTo(second.id());
    }

    @Test
    void onlyCustodiansAndAdministratorsMakeOneAndWhoElseTriesIsInTheLog() {
        long entries = vault.logSize();
        assertRefused(
                Problem.NOT_ALLOWED,
                "",
                () -> vault.backup().make(OpenVault.person("director"), copy(), Progress.UNSEEN));
        assertThat(copy()).doesNotExist();
        assertThat(vault.logSince(entries).get(0).act()).isEqualTo(ActKind.BACKUP);
        vault.backup().make(OpenVault.person("admin"), copy(), Progress.UNSEEN);
        assertThat(copy().resolve("manifest.json")).exists();
    }

    @Test
    void nothingIsEverWrittenOverAndTheRefusalSaysWhatLiesThere() throws IOException {
        make(copy());
        byte[] first = Files.readAllBytes(copy().resolve("manifest.json"));
        assertRefused(Problem.HOME_EXISTS, "finished backup", () -> make(copy()));
        assertThat(Files.readAllBytes(copy().resolve("manifest.json"))).isEqualTo(first);

        Files.delete(copy().resolve("manifest.json"));
        assertRefused(Problem.HOME_EXISTS, "never finished", () -> make(copy()));
        Files.delete(copy().resolve("vault.db.sealed"));
        Files.writeString(copy().resolve("other"), "x");
        assertRefused(Problem.HOME_EXISTS, "not empty", () -> make(copy()));
        Path file = Files.writeString(directory.resolve("file"), "x");
        assertRefused(Problem.HOME_EXISTS, "not a directory", () -> make(file));
        Path within = vault.home().directory().resolve("backups");
        assertRefused(Problem.INVALID, "outside", () -> make(within));
    }

    @Test
    void refusedOrFailedBackupIsNotInTheRegister() throws IOException {
        Files.createDirectory(copy());
        Files.writeString(copy().resolve("other"), "x");
        assertRefused(Problem.HOME_EXISTS, "not empty", () -> make(copy()));
        assertThat(register().newestProven()).isEmpty();
    }

    @Test
    void backupIsKilledWhileCopyingLeavesNoManifest() {
        Progress killed = (step, done, total) -> {
            if (step.equals("Reading back")) {
                throw new IllegalStateException("killed");
            }
        };
        assertThatThrownBy(() -> vault.backup().make(OpenVault.person("custodian"), copy(), killed))
                .hasMessage("killed");
        assertThat(copy().resolve("vault.db.sealed")).exists();
        assertThat(copy().resolve("manifest.json")).doesNotExist();
        assertThat(register().newestProven()).isEmpty();
        assertRefused(Problem.HOME_EXISTS, "never finished", () -> make(copy()));
    }

    @Test
    void doctorSaysHowOldTheLastProvedOneIsAndWhereItShouldNotBe() {
        Instant now = vault.clock().instant();
        assertThat(BackupLook.line(Optional.empty(), Optional.empty(), now).says())
                .contains("no proved backup");
        make(copy());
        BackupRegister.VerifiedBackup made =
                vault.vault().store().read(BackupRegister::newestWritten).orElseThrow();
        BackupRegister.VerifiedBackup away = new BackupRegister.VerifiedBackup(
                made.id(), made.made(), made.logSize(), made.manifest(), made.ringRevision(), made.by(), false);
        BackupRegister.VerifiedBackup beside = new BackupRegister.VerifiedBackup(
                made.id(), made.made(), made.logSize(), made.manifest(), made.ringRevision(), made.by(), true);

        Doctor.Line fine = line(away, now.plus(Duration.ofDays(6)));
        assertThat(fine.verdict()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(fine.says()).contains("6 days");
        assertThat(line(beside, now).says()).contains("own disk");
        Doctor.Line old = line(away, now.plus(Duration.ofDays(8)));
        assertThat(old.verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(old.says()).contains("8 days", "`backup DIR`");

        // Where vault.yaml asks for one every three days.
        Optional<BackupPlan> plan = Optional.of(new BackupPlan(directory, 3, 37, true));
        Doctor.Line first = BackupLook.never(plan.get(), Optional.of(now.minus(Duration.ofDays(4))), now);
        assertThat(first.verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(first.says()).contains("by itself").doesNotContain("`backup DIR`");
        Doctor.Line never = BackupLook.never(plan.get(), Optional.of(now.minus(Duration.ofDays(5))), now);
        assertThat(never.verdict()).isEqualTo(Doctor.Verdict.WRONG);
        assertThat(never.says()).contains("`backup DIR`");
        assertThat(BackupLook.line(Optional.of(away), plan, now.plus(Duration.ofDays(4)))
                        .verdict())
                .isEqualTo(Doctor.Verdict.FINE);
        Doctor.Line late = BackupLook.line(Optional.of(away), plan, now.plus(Duration.ofDays(5)));
        assertThat(late.verdict()).isEqualTo(Doctor.Verdict.WRONG);
        assertThat(late.says()).contains("5 days old", "every 3 days");
    }

    @Test
    void backupWhoseTimeIsStillToComeIsWrongWithOrWithoutASchedule() {
        make(copy());
        BackupRegister.VerifiedBackup made = register().newestProven().orElseThrow();
        Optional<BackupPlan> plan = Optional.of(new BackupPlan(directory, 3, 37, true));
        for (Duration ahead : List.of(Duration.ofHours(2), Duration.ofDays(400))) {
            for (Optional<BackupPlan> one : List.of(plan, Optional.<BackupPlan>empty())) {
                Doctor.Line line =
                        BackupLook.line(Optional.of(made), one, made.made().minus(ahead));
                assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
                assertThat(line.says())
                        .contains("still to come", "clock", "`backup DIR`")
                        .doesNotContain("days old");
            }
        }
        assertThat(line(made, made.made().minus(Duration.ofMinutes(50))).says()).contains("0 days old");
    }

    @Test
    void manifestThatIsLongerThanAnyIsNotOurs() throws IOException {
        make(copy());
        Path file = copy().resolve("manifest.json");
        String blanks = " ".repeat((1 << 20) - (int) Files.size(file));
        Files.writeString(file, blanks, StandardOpenOption.APPEND);
        assertThat(manifest().id()).isNotEmpty();
        Files.writeString(file, " ", StandardOpenOption.APPEND);
        assertRefused(Problem.INVALID, "manifest.json was changed", this::manifest);
        assertThat(new BackupDirectory(copy())
                        .manifestIfOurs(vault.vault().custody().keys()))
                .isEmpty();
        // More than memory, or an array, has room for.
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 33);
        }
        assertRefused(Problem.INVALID, "manifest.json was changed", this::manifest);
        assertThat(new BackupDirectory(copy())
                        .manifestIfOurs(vault.vault().custody().keys()))
                .isEmpty();
    }

    @Test
    void namesOfNewDirectoriesAreOnDiskWhenABackupCounts() throws IOException {
        Path above = directory.resolve("above");
        List<String> synced;
        try (Recording recording = new Recording()) {
            recording.enable("jdk.FileForce").withThreshold(Duration.ZERO);
            recording.start();
            make(above.resolve("copy"));
            recording.stop();
            Path file = directory.resolve("recording.jfr");
            recording.dump(file);
            synced = RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
                    .map(event -> event.getString("path"))
                    .toList();
        }
        assertThat(synced)
                .contains(
                        directory.toString(),
                        above.toString(),
                        above.resolve("copy").toString());
    }

    @Test
    void directoryThatIsNotThereIsWrongHoweverNewTheLastBackupIs() {
        assertThat(nowhere(directory, true)).isEmpty();
        assertThat(nowhere(directory.resolve("gone"), true))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("mount the disk"));
    }

    @Test
    void directoryOnTheDatabasesOwnDiskIsWrongUnlessItIsMeant() throws IOException {
        assertThat(nowhere(directory, false)).hasValueSatisfying(line -> {
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
            assertThat(line.says()).contains("own disk", "not mounted", "ownDisk: true");
        });
        assertThat(BackupLook.nowhere(new BackupPlan(directory, 1, 37, false), Optional.empty()))
                .as("of a database on a server")
                .isEmpty();
        assertThat(nowhere(OtherDisk.than(directory), false)).isEmpty();
    }

    private Optional<Doctor.Line> nowhere(Path into, boolean ownDisk) {
        return BackupLook.nowhere(
                new BackupPlan(into, 1, 37, ownDisk), Optional.of(vault.home().database()));
    }

    private static Doctor.Line line(BackupRegister.VerifiedBackup newest, Instant now) {
        return BackupLook.line(Optional.of(newest), Optional.empty(), now);
    }

    private void prove(BackupManifest manifest) {
        try (BackupDatabaseFile into = BackupDatabaseFile.in(vault.home().directory())) {
            new BackupDirectory(copy()).prove(manifest, vault.vault().custody().keys(), into.file(), Progress.UNSEEN);
        }
    }

    @Test
    void flippedByteOfTheSealedFileIsFoundWhereverItIs() throws IOException {
        make(copy());
        Path sealed = copy().resolve("vault.db.sealed");
        byte[] bytes = Files.readAllBytes(sealed);
        BackupManifest manifest = manifest();
        for (int sixteenths = 1; sixteenths <= 16; sixteenths++) {
            int at = (int) ((long) bytes.length * sixteenths / 16) - 1;
            bytes[at] ^= 1;
            Files.write(sealed, bytes);
            assertThatThrownBy(() -> prove(manifest)).isInstanceOf(IntegrityException.class);
            // A fitting manifest alone does not make a backup that decrypts.
            BackupManifest fitting = new BackupManifest(
                    manifest.id(),
                    manifest.made(),
                    manifest.ringRevision(),
                    manifest.contents(),
                    List.of(BackupFile.of(sealed, Progress.UNSEEN)));
            assertThatThrownBy(() -> prove(fitting))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageStartingWith("sealed stream");
            bytes[at] ^= 1;
        }
        Files.write(sealed, bytes);
        prove(manifest);
    }

    @Test
    void nothingOfTheDatabaseIsToBeSeenInTheSealedFile() throws IOException {
        make(copy());
        String sealed = Files.readString(copy().resolve("vault.db.sealed"), StandardCharsets.ISO_8859_1);
        String opened = Files.readString(vault.opened(copy()), StandardCharsets.ISO_8859_1);
        for (String clear : List.of("SQLite format 3", "CREATE TABLE", "p-admin", "vault_fact")) {
            assertThat(sealed).doesNotContain(clear);
        }
        assertThat(opened).startsWith("SQLite format 3").contains("vault_fact");
    }

    @Test
    void openedCopiesAreInTheHomeForTheOwnerAloneWhileItIsMadeAndGoneAfterwards() throws IOException {
        List<String> seen = new ArrayList<>();
        Progress looks = (step, done, total) -> {
            for (Path file : inData()) {
                if (file.getFileName().toString().startsWith("backup-")) {
                    seen.add(step + " " + permissions(file));
                }
            }
        };
        vault.backup().make(OpenVault.person("custodian"), copy(), looks);
        assertThat(seen).contains("Sealing rw-------", "Opening rw-------").allMatch(one -> one.endsWith("rw-------"));
        assertThat(inData()).allMatch(file -> file.getFileName().toString().startsWith("vault.db"));
    }

    private List<Path> inData() {
        try (var files = Files.list(vault.home().database().getParent())) {
            return files.toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatAKilledRunLeftOpenedIsRemovedAtTheNextStartAndNothingElse() throws IOException {
        Path data = vault.home().database().getParent();
        for (String left : List.of("backup-0123456789abcdef.opened", "backup-0123456789abcdef.opened-wal")) {
            Files.writeString(data.resolve(left), "x");
        }
        Path other = Files.writeString(data.resolve("backup-mine.opened"), "x");
        vault.restart();
        assertThat(inData())
                .contains(other)
                .noneMatch(file -> file.getFileName().toString().contains("0123456789abcdef"));
    }

    @Test
    void manifestIsSignedSoThatAnybodyWithThePublicKeyCanTell() throws IOException {
        make(copy());
        JsonNode json = OpenVault.json(Files.readString(copy().resolve("manifest.json")));
        byte[] key = Base64.getDecoder().decode(json.path("key").asText());
        assertThat(key).startsWith(1);
        assertThat(Arrays.copyOfRange(key, 1, key.length))
                .isEqualTo(vault.vault().custody().keys().statements().newest().publicKey());
        BackupManifest manifest = manifest();
        CanonicalBytes signed = CanonicalBytes.begin("pv1.backup.signed")
                .u64(manifest.ringRevision())
                .lp("pv1.backup")
                .lp(manifest.id())
                .u64(manifest.made().getEpochSecond());
        manifest.contents().encode(signed);
        BackupFile file = manifest.files().get(0);
        signed.u32(1).lp(file.name()).u64(file.bytes()).lp(HexFormat.of().parseHex(file.sha256()));
        byte[] signature = Base64.getDecoder().decode(json.path("signature").asText());
        assertThat(SigningKey.verify(Arrays.copyOfRange(key, 1, key.length), signed.bytes(), signature))
                .isTrue();
        assertThat(BackupFile.of(copy().resolve("vault.db.sealed"), Progress.UNSEEN))
                .isEqualTo(file);
    }

    @Test
    void withoutRoomItIsRefusedWithTheCure() {
        FreeSpace.requireForACopy(100L << 20, 100L << 20);
        assertRefused(
                Problem.STORE_FULL,
                "has 99 MiB free, and 100 are needed",
                () -> FreeSpace.requireForACopy(99L << 20, 100L << 20));
        assertRefused(
                Problem.STORE_FULL,
                "make room",
                () -> FreeSpace.requireForABackup(
                        vault.home().directory(), copy().resolve("not/yet"), Long.MAX_VALUE / 4));
    }
}

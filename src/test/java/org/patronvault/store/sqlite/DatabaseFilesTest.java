package org.patronvault.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Rows;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Skips;

/** Tests of a database whose files are deleted, replaced or cut while it is open, and of harmless changes. */
final class DatabaseFilesTest {
    private static final String DATABASE = "vault.db";
    private static final String LOG = "vault.db-wal";
    private static final String INDEX = "vault.db-shm";
    private static final int UNDISTURBED_SECONDS = LongRun.times(3, 3_600);
    private static final int AT_ONCE = 20;

    @TempDir
    private Path directory;

    private final List<String> broken = new CopyOnWriteArrayList<>();
    private Store store;
    private long patrons;

    /** A change to a file behind the vault's back. */
    private enum Deed {
        DELETED {
            @Override
            void to(Path file) throws IOException {
                Files.delete(file);
            }
        },
        REPLACED_BY_AN_EQUAL_COPY {
            @Override
            void to(Path file) throws IOException {
                Path copy = file.resolveSibling("copy");
                Files.copy(file, copy);
                Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        },
        EMPTIED {
            @Override
            void to(Path file) throws IOException {
                Files.newOutputStream(file).close();
            }
        },
        CUT {
            @Override
            void to(Path file) throws IOException {
                try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                    open.setLength(open.length() / 2);
                }
            }
        };

        abstract void to(Path file) throws IOException;
    }

    @BeforeEach
    void open() {
        store = Store.open(StoreSettings.sqlite(directory.resolve(DATABASE)));
        store.onBroken(broken::add);
        register();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void register() {
        store.write(tx -> {
            for (int n = 0; n < AT_ONCE; n++) {
                tx.patrons().insert(Rows.patron(++patrons, 1), Rows.values(patrons, 1));
            }
            return tx;
        });
    }

    private void disturb(Deed deed, String file) {
        try {
            deed.to(directory.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertToldWithinASecond() {
        Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> !broken.isEmpty());
    }

    private void assertWriteIsNotAcknowledged() {
        assertThatThrownBy(this::register)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.BROKEN));
    }

    /**
     * Returns the changes. None cuts the index in this process, since memory without its file would end the process.
     */
    static Stream<Arguments> deeds() {
        return Stream.of(DATABASE, LOG, INDEX)
                .flatMap(file -> Stream.of(Deed.values())
                        .filter(deed -> !file.equals(INDEX) || deed.compareTo(Deed.EMPTIED) < 0)
                        .filter(deed -> !file.equals(DATABASE) || deed != Deed.EMPTIED)
                        .map(deed -> Arguments.of(file, deed)));
    }

    @ParameterizedTest
    @MethodSource("deeds")
    void fileThatIsNotTheOneThatWasOpenedIsToldWithinASecondThoughNobodyWrites(String file, Deed deed) {
        disturb(deed, file);
        assertToldWithinASecond();
        assertThat(broken.get(0)).contains(file, "custody-backup.md");
    }

    @ParameterizedTest
    @ValueSource(strings = {DATABASE, LOG, INDEX})
    void writeRightAfterAFileIsReplacedIsNotAcknowledged(String file) {
        disturb(Deed.REPLACED_BY_AN_EQUAL_COPY, file);
        assertWriteIsNotAcknowledged();
        assertThat(broken).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EMPTIED", "CUT"})
    void logThatIsCutWhileSomebodyWritesAndLengthenedByThatIsToldWithinASecond(String deed) {
        store.write(tx -> {
            tx.setFact("told", "yes");
            disturb(Deed.valueOf(deed), LOG);
            return tx;
        });
        assertToldWithinASecond();
        assertThat(broken.get(0)).contains("write-ahead log was cut");
    }

    /** The writer then waits for a connection that can still read the database. Nothing may wait for the writer. */
    @Test
    void databaseThatIsEmptiedIsToldWithinASecondBesideAWriterThatWaits() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            disturb(Deed.EMPTIED, DATABASE);
            Future<?> writing = thread.submit(this::assertWriteIsNotAcknowledged);
            assertToldWithinASecond();
            assertThat(writing.get(30, TimeUnit.SECONDS)).isNull();
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void directoryThatIsMovedAwayIsTold() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        List<String> told = new CopyOnWriteArrayList<>();
        try (Store moved = Store.open(StoreSettings.sqlite(data.resolve(DATABASE)))) {
            moved.onBroken(told::add);
            Files.move(data, directory.resolve("elsewhere"));
            Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> !told.isEmpty());
        }
    }

    @Test
    void databaseBehindALinkIsOneDatabase() throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Files.createFile(disk.resolve("patrons.db"));
        Path link = Files.createSymbolicLink(directory.resolve("linked.db"), disk.resolve("patrons.db"));
        List<String> told = new CopyOnWriteArrayList<>();
        try (Store linked = Store.open(StoreSettings.sqlite(link))) {
            linked.onBroken(told::add);
            linked.write(tx -> {
                tx.setFact("told", "yes");
                return tx;
            });
            assertThat(told).isEmpty();
            Files.delete(disk.resolve("patrons.db-wal"));
            Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> !told.isEmpty());
        }
    }

    private Connection another() throws SQLException {
        return DriverManager.getConnection(store.settings().jdbcUrl());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void logThatAnotherProgramEmptiesByACheckpointIsNoCutOne(boolean writesToo) throws SQLException {
        for (int n = 0; n < AT_ONCE; n++) {
            try (Connection connection = another();
                    Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
                assertThat(directory.resolve(LOG)).isEmptyFile();
                if (writesToo) {
                    statement.execute("UPDATE vault_fact SET value = value");
                }
            }
            register();
        }
        assertThat(broken).isEmpty();
    }

    /** Returns a task that repeats an action. */
    private Callable<Integer> again(AtomicBoolean over, Callable<?> deed) {
        return () -> {
            int times = 0;
            while (!over.get()) {
                try {
                    Object unused = deed.call();
                    times++;
                } catch (StoreException e) {
                    // Readers may block any of them, and nothing else may.
                    assertThat(e.kind()).isEqualTo(StoreException.Kind.BUSY);
                }
            }
            return times;
        };
    }

    private Integer erase() {
        return store.write(tx -> {
            int erased = 0;
            for (long id = patrons; id > patrons - AT_ONCE; id--) {
                erased += Rows.erase(tx, id, 1) ? 1 : 0;
            }
            return erased;
        });
    }

    private Object undo() {
        try {
            return store.write(tx -> {
                tx.patrons().insert(Rows.patron(-1, 1), Rows.values(-1, 1));
                throw new IllegalStateException("undone");
            });
        } catch (IllegalStateException e) {
            return e;
        }
    }

    private Object backUp() throws IOException {
        Path copy = Files.createFile(directory.resolve("backup"));
        try {
            StoreCopy.make(store, copy, bytes -> {});
            return copy;
        } finally {
            Files.delete(copy);
        }
    }

    private Object checkpointByAnother(String mode) throws SQLException {
        try (Connection connection = another();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 20");
            return statement.execute("PRAGMA wal_checkpoint(" + mode + ")");
        }
    }

    @Test
    void checkpointsTruncationsBackupsAndErasuresAreNoAlarm() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Callable<Integer>> deeds = List.of(
                again(over, () -> {
                    register();
                    Object undone = undo();
                    assertThat(undone).isInstanceOf(IllegalStateException.class);
                    return erase();
                }),
                again(over, () -> store.purge(50)),
                again(over, () -> checkpointByAnother("PASSIVE")),
                again(over, () -> checkpointByAnother("TRUNCATE")),
                again(over, () -> checkpointByAnother("RESTART")),
                again(over, this::backUp));
        ExecutorService threads = Executors.newFixedThreadPool(deeds.size());
        try {
            List<Future<Integer>> done = new ArrayList<>();
            deeds.forEach(deed -> done.add(threads.submit(deed)));
            Awaitility.await()
                    .pollDelay(Duration.ofSeconds(UNDISTURBED_SECONDS))
                    .atMost(Duration.ofSeconds(UNDISTURBED_SECONDS + 5L))
                    .until(() -> true);
            over.set(true);
            for (Future<Integer> one : done) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(broken).isEmpty();
        disturb(Deed.REPLACED_BY_AN_EQUAL_COPY, LOG);
        assertToldWithinASecond();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuseblk"})
    void fileSystemOfAnotherMachineIsRefusedWithTheCure(String type) {
        assertThat(FileSystemType.fault(type))
                .hasValueSatisfying(says -> assertThat(says).contains("put it on a disk of this machine"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs"})
    void fileSystemOfADiskIsNot(String type) {
        assertThat(FileSystemType.fault(type)).isEmpty();
    }

    @Test
    void startAsksForTheTypeOfTheDirectory() throws IOException {
        Path fuse = Path.of("/sys/fs/fuse/connections");
        // If the kernel has it, its type is fusectl.
        Skips.pointless(
                !Files.isDirectory(fuse) || !Files.getFileStore(fuse).type().startsWith("fuse"),
                "no directory of this machine is on such a file system");
        assertThatThrownBy(() -> FileSystemType.require(fuse))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID));
    }
}

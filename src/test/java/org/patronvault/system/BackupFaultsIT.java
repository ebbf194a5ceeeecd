package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/**
 * A disk that fails, or is full, and kills, while a backup is made or opened: what is there then is whole, or nobody takes
 * it for a backup or a database, and the next try succeeds. Few times unless more are asked for: {@code
 * -Dfault.backups=40}.
 */
@Tag(LongRun.TAG)
final class BackupFaultsIT {
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime() % 1_000_000);
    private static final int KILLED = 128 + 9;
    private static final int PATRONS = 3;
    private static final String WRITES = "write";
    private static final String SYNCS = "fsync";
    private static final String KILL = "signal=SIGKILL";

    /** Shorter than the database, and longer than what a process writes beside it. */
    private static final String MOST_BYTES = "120000";

    /** Some calls to the system, and what becomes of one of them. */
    private record Failing(String calls, String how) {
        private static final List<Failing> ALL = List.of(
                new Failing(SYNCS, "error=EIO"), new Failing(WRITES, "error=ENOSPC"), new Failing(WRITES, KILL));
    }

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private final Random random = new Random(SEED);

    @BeforeEach
    void registerSome() {
        Databases.requireSqlite("the copy and the backup are the same files on both");
        Strace.require();
        vault.start();
        String clerk = vault.signIn("clerk");
        for (int n = 0; n < PATRONS; n++) {
            vault.register(clerk, SamplePatron.of(n));
        }
        assertThat(vault.stop()).isIn(0, 128 + 15);
    }

    private static List<String> strace(Path trace, String... options) {
        List<String> words = new ArrayList<>(List.of("strace", "-D", "-f", "-qq", "-e", "signal=none"));
        if (Stream.of(options).noneMatch(option -> option.contains(KILL))) {
            // Other calls go on as fast as ever; so strace kills nobody.
            words.add("--seccomp-bpf");
        }
        words.addAll(List.of("-o", trace.toString()));
        words.addAll(List.of(options));
        return words;
    }

    private Ran under(List<String> program, String... args) {
        return vault.apartUnder(program, vault.environment("cust1"), args);
    }

    /** Only what is asked of the files of that backup, by name or through its directory. */
    private static String[] of(Path backup, String... options) {
        return Stream.concat(
                        Stream.of(backup, backup.resolve("vault.db.sealed"), backup.resolve("manifest.json.new"))
                                .flatMap(path -> Stream.of("-P", path.toString())),
                        Stream.of(options))
                .toArray(String[]::new);
    }

    private Path beside(String name, int n) {
        return vault.root().resolve(name + n);
    }

    @Test
    void backupThatFailsOrIsKilledIsWholeOrNoneAndTheNextSucceeds() throws Exception {
        Path calls = vault.root().resolve("calls");
        Path whole = beside("whole", 0);
        Ran counted =
                under(strace(calls, of(whole, "-e", "trace=" + SYNCS + "," + WRITES)), "backup", whole.toString());
        assertThat(counted.exit()).as("%s", counted).isZero();
        for (int n = 0; n < UnderFault.times("backups", Failing.ALL.size()); n++) {
            Failing failing = Failing.ALL.get(n % Failing.ALL.size());
            int when = 1 + random.nextInt(Strace.mostOfAThread(calls, failing.calls()));
            String what = failing + " at " + when + ", seed " + SEED;
            long registered = registered();
            Path backup = beside("backup", n);
            Path trace = beside("trace", n);

            Ran ran = under(
                    strace(
                            trace,
                            of(
                                    backup,
                                    "-e",
                                    "trace=" + failing.calls(),
                                    "-e",
                                    "inject=" + failing.calls() + ":" + failing.how() + ":when=" + when)),
                    "backup",
                    backup.toString());

            requireFailed(ran, failing, what);
            assertThat(registered()).as(what).isEqualTo(registered);
            Path opened = beside("opened", n);
            requireWholeOrNone(
                    vault.as("cust1", "restore", backup.toString(), "--open", opened.toString()), opened, what);
            Path next = beside("next", n);
            assertThat(vault.as("cust1", "backup", next.toString()).exit())
                    .as(what)
                    .isZero();
            assertThat(registered()).as(what).isEqualTo(registered + 1);
            requireNothingLeft(vault.home().resolve("data"), what);
        }
    }

    @Test
    void openingABackupThatFailsOrIsKilledLeavesTheWholeDatabaseOrNoneAndTheNextSucceeds() throws Exception {
        Path backup = beside("whole", 0);
        assertThat(vault.as("cust1", "backup", backup.toString()).exit()).isZero();
        Path whole = beside("home", 0).resolve("vault.db");
        Path calls = vault.root().resolve("calls");
        Ran counted = under(
                strace(calls, "-e", "trace=" + SYNCS + "," + WRITES),
                "restore",
                backup.toString(),
                "--open",
                whole.toString());
        assertThat(counted.exit()).as("%s", counted).isZero();
        requireWhole(whole);
        for (int n = 1; n <= UnderFault.times("backups", Failing.ALL.size()); n++) {
            Path database = beside("home", n).resolve("vault.db");
            List<List<String>> ways = List.of(
                    strace(
                            beside("trace", n),
                            "-e",
                            "trace=" + SYNCS,
                            "-e",
                            "inject=" + SYNCS + ":error=EIO:when="
                                    + (1 + random.nextInt(Strace.mostOfAThread(calls, SYNCS)))),
                    strace(
                            beside("trace", n),
                            "-e",
                            "trace=" + WRITES,
                            "-e",
                            "inject=" + WRITES + ":" + KILL + ":when="
                                    + (1 + random.nextInt(Strace.mostOfAThread(calls, WRITES)))),
                    List.of("prlimit", "--fsize=" + MOST_BYTES + ":"));
            String what = ways.get(n % ways.size()) + ", seed " + SEED;

            Ran ran = under(ways.get(n % ways.size()), "restore", backup.toString(), "--open", database.toString());

            assertThat(ran.exit()).as("%s: %s", what, ran).isNotZero();
            assertThat(ran.err()).as(what).doesNotContain("Exception");
            requireWholeOrNone(ran, database, what);
            Files.deleteIfExists(database);
            Ran again = vault.as("cust1", "restore", backup.toString(), "--open", database.toString());
            assertThat(again.exit()).as("%s: %s", what, again).isZero();
            requireWhole(database);
        }
    }

    private static void requireFailed(Ran ran, Failing failing, String what) {
        if (failing.how().equals(KILL)) {
            assertThat(ran.exit()).as("%s: %s", what, ran).isEqualTo(KILLED);
        } else {
            assertThat(ran.exit()).as("%s: %s", what, ran).isNotZero();
            assertThat(ran.err()).as(what).isNotEmpty().doesNotContain("Exception");
        }
    }

    /** Who opened it was refused, and there is nothing; or it is whole, however the backup of it ended. */
    private static void requireWholeOrNone(Ran opening, Path database, String what) throws SQLException {
        if (Files.exists(database)) {
            requireWhole(database);
        } else {
            assertThat(opening.exit()).as("%s: %s", what, opening).isNotZero();
        }
    }

    private static void requireWhole(Path database) throws SQLException {
        String url = "jdbc:sqlite:" + database;
        assertThat(one(DriverManager.getConnection(url), "SELECT count(*) FROM patron"))
                .isEqualTo(PATRONS);
        assertThat(one(DriverManager.getConnection(url), "SELECT integrity_check = 'ok' FROM pragma_integrity_check"))
                .isOne();
    }

    private long registered() throws SQLException {
        return one(Databases.connect(vault.home()), "SELECT count(*) FROM authority WHERE kind = 'backup'");
    }

    private static long one(Connection connection, String query) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            return rows.getLong(1);
        }
    }

    /** No copy of the database that lay open while a backup was made. */
    private static void requireNothingLeft(Path data, String what) throws IOException {
        try (Stream<Path> files = Files.list(data)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .as(what)
                    .noneMatch(name -> name.startsWith("backup-"));
        }
    }
}

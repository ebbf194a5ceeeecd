package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.FaultLedger;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Postgres;

/**
 * Tables whose making was killed half-way: the same command makes them as if nobody had been killed. Few times unless
 * more are asked for, and at each write where there are as many: {@code -Dfault.migrations=150}.
 */
@Tag(LongRun.TAG)
final class HalfMadeIT {
    private static final FaultLedger LEDGER =
            new FaultLedger("migrations.csv", "seed", "date", "kills", "writes", "not as others");
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime() % 1_000_000);
    private static final int LAST = 12;
    private static final int KILLED = 128 + 9;

    /** How it writes to its database: to a server, or to a file. */
    private static final String WRITE = Databases.ON_POSTGRES ? "write" : "pwrite64";

    private static final String TABLES = Databases.ON_POSTGRES
            ? "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable"
                    + " FROM information_schema.columns WHERE table_schema = current_schema()"
                    + " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()"
                    + " UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
                    + " WHERE connamespace = current_schema()::regnamespace ORDER BY 1"
            : "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1";

    private final RunningVault vault = RunningVault.empty();
    private final List<String> databases = new ArrayList<>();
    private final List<String> others = new ArrayList<>();
    private int writes;
    private int kills;

    @AfterEach
    void remove() {
        vault.close();
        if (Databases.ON_POSTGRES) {
            databases.forEach(Postgres::drop);
        }
    }

    @Test
    void tablesAreAsTheyMustBeWhereverTheirMakingWasKilled() throws Exception {
        Strace.require();
        boolean ended = false;
        try {
            kill();
            ended = true;
        } finally {
            // What breaks off is none that is as it must be.
            LEDGER.add(SEED, LocalDate.now(ZoneOffset.UTC), kills, writes, others.size() + (ended ? 0 : 1));
        }
        assertThat(others).as("seed %d", SEED).isEmpty();
    }

    private void kill() throws Exception {
        Path trace = vault.root().resolve("trace");
        String whole = fresh();
        assertThat(upgrade(whole, "-o", trace.toString()).exit()).isZero();
        List<String> expected = tables(whole);
        assertThat(expected).hasSizeGreaterThan(20);
        writes = Strace.mostOfAThread(trace, WRITE);
        Random random = new Random(SEED);
        int times = UnderFault.times("migrations", 4);
        for (int n = 0; n < times; n++) {
            String url = fresh();
            int last = 1 + n % writes;
            if (times < writes) {
                // Every other one of the last: there the tables are done, and what is said of them is not.
                last = n % 2 == 0 ? 1 + random.nextInt(writes) : Math.max(1, writes - n / 2 % LAST);
            }
            Ran killed = upgrade(url, "-o", "/dev/null", "-e", "inject=" + WRITE + ":signal=SIGKILL:when=" + last);
            kills++;
            Ran again = vault.run("db", "upgrade", "--db", url);
            boolean wasKilled = killed.exit() == KILLED;
            if (!wasKilled || again.exit() != 0 || !tables(url).equals(expected)) {
                others.add("killed at write " + last + ": " + killed + ", " + again);
            }
        }
    }

    private String fresh() {
        String url = Databases.fresh()
                .orElseGet(() -> "jdbc:sqlite:" + vault.root().resolve("made-" + databases.size() + ".db"));
        databases.add(url);
        return url;
    }

    private Ran upgrade(String url, String... options) {
        List<String> words =
                new ArrayList<>(List.of("strace", "-D", "-f", "-qq", "-e", "signal=none", "-e", "trace=" + WRITE));
        words.addAll(List.of(options));
        return vault.apartUnder(words, Map.of(), "db", "upgrade", "--db", url);
    }

    private static List<String> tables(String url) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }
}

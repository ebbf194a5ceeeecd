package org.patronvault.core.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.SchemaContract;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.Postgres;

/** The store's contract on PostgreSQL, and the guarantees of its settings. */
class PostgresStoreTest {

    private static StoreSettings fresh() {
        return new StoreSettings(Postgres.freshDatabase(), 4);
    }

    private static StoreSettings withTables() {
        return new StoreSettings(Postgres.databaseWithTables(), 4);
    }

    @Nested
    class Schema extends SchemaContract {
        @Override
        public StoreSettings fresh(Path emptyDirectory) {
            return PostgresStoreTest.fresh();
        }

        @Override
        public String literal(String hex) {
            return "'\\x" + hex + "'::bytea";
        }
    }

    @Nested
    class RowGroups extends RowsContract {
        @Override
        public StoreSettings fresh(Path emptyDirectory) {
            return withTables();
        }
    }

    @Nested
    class Transactions extends TransactionContract {
        @Override
        public StoreSettings fresh(Path emptyDirectory) {
            return withTables();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "local", "remote_write"})
    void weakSynchronousCommitIsRefusedByName(String value) {
        StoreSettings weak = new StoreSettings(fresh().jdbcUrl() + "&options=-c%20synchronous_commit%3D" + value, 1);
        assertThatThrownBy(() -> Store.open(weak).close())
                .isInstanceOf(Refused.class)
                .hasMessageContaining("synchronous_commit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"repeatable read", "serializable"})
    void whoWaitedForTheLockSeesWhatWasWrittenMeanwhileWhateverIsolationTheDatabaseHas(String isolation)
            throws Exception {
        StoreSettings settings = fresh();
        Postgres.execute(settings.jdbcUrl(), """
                DO $do$
                BEGIN
                    EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', current_database(), 'ISOLATION');
                END
                $do$""".replace("ISOLATION", isolation));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Store first = Store.open(settings);
                Store second = Store.open(settings);
                Connection connection = DriverManager.getConnection(settings.jdbcUrl())) {
            first.write(tx -> {
                tx.log().begin(new LogHead(0, new byte[8]));
                return null;
            });
            Future<Long> seen = first.write(tx -> {
                Future<Long> other = thread.submit(() -> second.write(PostgresStoreTest::append));
                Awaitility.await().until(() -> isSomebodyWaiting(connection));
                append(tx);
                return other;
            });
            assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(first.<Long>read(tx -> tx.log().head().orElseThrow().size()))
                    .isEqualTo(2);
        } finally {
            thread.shutdownNow();
        }
    }

    /** Appends one leaf. Returns how many there were. */
    private static long append(WriteTx tx) {
        long size = tx.head().orElseThrow().size();
        tx.log().append(size, List.of(Rows.random(8)), new LogHead(size + 1, new byte[8]));
        return size;
    }

    private static boolean isSomebodyWaiting(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) > 0 FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND wait_event_type = 'Lock'")) {
            return row.next() && row.getBoolean(1);
        }
    }

    @Test
    void noColumnOfBytesIsSampledIntoStatistics() throws Exception {
        StoreSettings settings = fresh();
        try (Store store = Store.open(settings);
                Connection connection = DriverManager.getConnection(settings.jdbcUrl());
                var statement = connection.createStatement()) {
            for (int i = 1; i < 50; i++) {
                Rows.put(store, i, 1);
            }
            statement.execute("ANALYZE");
            try (var sampled = statement.executeQuery("SELECT count(*) FROM pg_stats"
                    + " WHERE schemaname = 'public' AND tablename = 'patron' AND attname = 'name'")) {
                assertThat(sampled.next()).isTrue();
                assertThat(sampled.getInt(1)).isZero();
            }
            List<String> sampledByDefault = new ArrayList<>();
            try (var columns = statement.executeQuery("SELECT attrelid::regclass || '.' || attname FROM pg_attribute"
                    + " JOIN pg_class c ON c.oid = attrelid WHERE c.relkind = 'r'"
                    + " AND c.relnamespace = 'public'::regnamespace AND atttypid = 'bytea'::regtype"
                    + " AND attstattarget IS DISTINCT FROM 0")) {
                while (columns.next()) {
                    sampledByDefault.add(columns.getString(1));
                }
            }
            assertThat(sampledByDefault).isEmpty();
        }
    }

    @Test
    void aServerThatIsNotThereIsToldWithoutItsAddress() {
        StoreSettings nowhere = new StoreSettings("jdbc:postgresql://127.0.0.1:1/vault?user=secret-name", 1);
        assertThatThrownBy(() -> Store.open(nowhere))
                .isInstanceOf(StoreException.class)
                .hasMessageNotContaining("secret-name")
                .hasMessageNotContaining("127.0.0.1");
    }
}

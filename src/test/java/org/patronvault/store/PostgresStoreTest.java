package org.patronvault.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.model.Refused;
import org.patronvault.testing.Postgres;

/** The contract on PostgreSQL, and what is promised of its settings. */
class PostgresStoreTest {

    private static StoreSettings fresh() {
        return new StoreSettings(Postgres.freshDatabase(), 4);
    }

    @Nested
    class Schema extends SchemaContract {
        @Override
        StoreSettings fresh(Path emptyDirectory) {
            return PostgresStoreTest.fresh();
        }

        @Override
        String bytes(String firstHex, String hex, int sizeBytes) {
            return "'\\x" + firstHex + hex.repeat(sizeBytes - 1) + "'::bytea";
        }
    }

    @Nested
    class RowGroups extends RowsContract {
        @Override
        StoreSettings fresh(Path emptyDirectory) {
            return PostgresStoreTest.fresh();
        }
    }

    @Nested
    class Transactions extends TransactionContract {
        @Override
        StoreSettings fresh(Path emptyDirectory) {
            return PostgresStoreTest.fresh();
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
                    + " WHERE schemaname = 'public' AND tablename = 'patron_value' AND attname = 'envelope'")) {
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

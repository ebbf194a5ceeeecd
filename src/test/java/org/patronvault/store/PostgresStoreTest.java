package org.patronvault.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
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
    void ciphertextsAreNotSampledIntoStatistics() throws Exception {
        StoreSettings settings = fresh();
        try (Store store = Store.open(settings);
                Connection connection = DriverManager.getConnection(settings.jdbcUrl());
                var statement = connection.createStatement()) {
            for (int i = 1; i < 50; i++) {
                Rows.put(store, i, 1);
            }
            store.write(tx -> tx.index().insert(List.of(new IndexRows.Entry(Rows.random(16), Rows.random(32)))));
            statement.execute("ANALYZE");
            try (var sampled = statement.executeQuery("SELECT s.tablename || '.' || s.attname FROM pg_stats s"
                    + " JOIN pg_attribute a ON a.attrelid = (quote_ident(s.schemaname) || '.' ||"
                    + " quote_ident(s.tablename))::regclass AND a.attname = s.attname"
                    + " WHERE a.atttypid = 'bytea'::regtype AND s.tablename IN"
                    + " (SELECT tablename FROM pg_tables WHERE schemaname = 'public')")) {
                assertThat(sampled.next()).isFalse();
            }
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

package org.patronvault.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.testing.Postgres;

/** Connections that end, or say nothing. */
final class PostgresPoolTest {
    private static final String MINE =
            " FROM pg_stat_activity WHERE datname = current_database()" + " AND application_name = 'patron-vault'";

    @Test
    void aConnectionThatBrokeIsNotGivenOutAgain() {
        StoreSettings settings = new StoreSettings(Postgres.freshDatabase(), 3);
        try (Store store = Store.open(settings)) {
            for (int i = 0; i < 6; i++) {
                Rows.put(store, i + 1, 1);
            }
            Postgres.execute(settings.jdbcUrl(), "SELECT pg_terminate_backend(pid)" + MINE);
            int failed = 0;
            for (int i = 0; i < 10; i++) {
                try {
                    assertThat(store.<Long>read(tx -> tx.patrons().count())).isEqualTo(6);
                } catch (StoreException e) {
                    failed++;
                }
            }
            assertThat(failed).as("each connection at most once").isLessThanOrEqualTo(3);
            try {
                Rows.put(store, 7, 1);
            } catch (StoreException e) {
                assertThat(e.kind()).isEqualTo(StoreException.Kind.UNKNOWN);
            }
            Rows.put(store, 8, 1);
            assertThat(store.<Long>read(tx -> tx.patrons().count())).isGreaterThanOrEqualTo(7);
        }
    }

    @Test
    void silenceIsTheEndOfAStatementUnlessItGoesThroughAWholeTable() throws Exception {
        StoreSettings settings = new StoreSettings(Postgres.freshDatabase() + "&socketTimeout=1", 1);
        Store.open(settings).close();
        String slow = "SELECT pg_sleep(2)";
        try (Handle handle =
                Store.jdbi(Dialect.POSTGRESQL.dataSource(settings, false)).open()) {
            assertThat(Jdbc.wholeTable(handle, () -> Jdbc.first(handle, slow, none -> {}, row -> 1)))
                    .contains(1);
            assertThat(handle.getConnection().getNetworkTimeout()).isEqualTo(1_000);
            long begun = System.nanoTime();
            assertThatThrownBy(() -> Jdbc.first(handle, slow, none -> {}, row -> 1))
                    .isInstanceOfSatisfying(
                            JdbiException.class,
                            e -> assertThat(Dialect.POSTGRESQL.translate(e).kind())
                                    .isEqualTo(StoreException.Kind.UNKNOWN));
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(1_900);
        }
    }

    @Test
    void theOtherEndIsAskedWhetherItIsThere() throws Exception {
        try (Socket socket = new KeptAliveSockets().createSocket()) {
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(4);
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(2);
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(3);
        }
    }

    @Test
    void theServerAsksToo() throws Exception {
        StoreSettings settings = new StoreSettings(Postgres.freshDatabase(), 1);
        try (Store store = Store.open(settings)) {
            String[] seen = new String[2];
            store.write(tx -> {
                seen[0] = shown(tx, "tcp_keepalives_idle");
                seen[1] = shown(tx, "lock_timeout");
                return null;
            });
            assertThat(seen).containsExactly("4", "8s");
            assertThat(store.<String>read(tx -> shown(tx, "tcp_keepalives_idle")))
                    .isEqualTo("4");
        }
    }

    private static String shown(Tx tx, String setting) {
        try {
            return Dialect.one(tx.handle.getConnection(), "SHOW " + setting);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "08001", "57P01", "57P03", "25P03", "25006"})
    void aConnectionOfThatStateIsGivenUpAndTheOutcomeMustBeRead(String state) {
        SQLException lost = new SQLException("lost", state);
        assertThat(new PostgresStates.Eviction().adjudicate(lost).name()).isEqualTo("MUST_EVICT");
        assertThat(PostgresStates.kindOf(lost)).isEqualTo(StoreException.Kind.UNKNOWN);
        assertThat(PostgresStates.isPassing(lost)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"23505", "40001", "57014", "28P01"})
    void aConnectionOfAnotherStateIsKept(String state) {
        SQLException failed = new SQLException("failed", state);
        assertThat(new PostgresStates.Eviction().adjudicate(failed).name()).isEqualTo("CONTINUE_EVICT");
        assertThat(PostgresStates.kindOf(failed)).isNotEqualTo(StoreException.Kind.UNKNOWN);
        assertThat(PostgresStates.isPassing(failed)).isFalse();
    }

    @Test
    void whereNoConnectionCanBeHadNothingWasBegun() {
        assertThat(PostgresStates.kindOf(new SQLTransientConnectionException("none", "08001")))
                .isEqualTo(StoreException.Kind.BUSY);
    }
}

package org.patronvault.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Postgres;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** Tests of server settings that are weaker than promised, at the start and while it runs. */
final class PostgresDurabilityTest {
    private static Postgres.Apart server;
    private static StoreSettings settings;

    @BeforeAll
    static void start() {
        server = Postgres.apart(Map.of("session_preload_libraries", "auto_explain"));
        settings = new StoreSettings(server.freshDatabase("vault"), 2);
        Store.open(settings).close();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** The setting, its weak value, and the cure. The long run tries all of them. */
    static Stream<Arguments> weakened() {
        return Stream.of(
                        Arguments.of("full_page_writes", "off", "full_page_writes = on"),
                        Arguments.of("log_statement", "all", "log_parameter_max_length = 0"),
                        Arguments.of("auto_explain.log_min_duration", "0", "auto_explain.log_min_duration = -1"),
                        Arguments.of("log_min_duration_statement", "0", "log_parameter_max_length = 0"),
                        Arguments.of("log_min_duration_sample", "0", "log_parameter_max_length = 0"),
                        Arguments.of("log_transaction_sample_rate", "1", "log_parameter_max_length = 0"),
                        Arguments.of(
                                "log_parameter_max_length_on_error", "-1", "log_parameter_max_length_on_error = 0"),
                        Arguments.of("debug_print_plan", "on", "debug_print_plan = off"))
                .limit(LongRun.times(3, 8));
    }

    @ParameterizedTest
    @MethodSource("weakened")
    void aSettingThatIsWeakenedStopsWritesUntilItIsMendedAndNoStartIsPossible(
            String setting, String value, String cure) {
        try (Store store = Store.open(settings)) {
            try {
                server.set(setting, value);
                Awaitility.await().until(() -> {
                    store.look();
                    return store.weakness().isPresent();
                });
                assertThat(store.weakness().orElseThrow()).contains("set it so: " + cure + ".");
                assertThatThrownBy(() -> store.write(tx -> tx.putFact("weak", "")))
                        .isInstanceOfSatisfying(
                                Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.DATABASE_WEAK))
                        .hasMessageContaining(cure)
                        .hasMessageContaining("Nothing was done.");
                assertThat(store.<Boolean>read(tx -> tx.fact("weak").isPresent()))
                        .isFalse();
                assertThatThrownBy(() -> Store.open(settings))
                        .isInstanceOf(Refused.class)
                        .hasMessageContaining(cure);
                assertThatThrownBy(() -> Store.openToRead(settings))
                        .isInstanceOf(Refused.class)
                        .hasMessageContaining(cure);
            } finally {
                server.set(setting, "");
            }
            Awaitility.await().until(() -> {
                store.look();
                return store.weakness().isEmpty();
            });
            assertThat(store.<Boolean>write(tx -> {
                        tx.setFact("mended", setting);
                        return true;
                    }))
                    .isTrue();
        }
    }

    @Test
    void aServerThatWasStartedWithAWeakSettingIsRefused() {
        assertRefusedOnceStartedWith("fsync", "off", "on");
    }

    @Tag(LongRun.TAG)
    @Test
    void aServerThatGoesOnAfterAFailedSyncIsRefused() {
        assertRefusedOnceStartedWith("data_sync_retry", "on", "off");
    }

    private static void assertRefusedOnceStartedWith(String name, String weak, String cure) {
        try (Postgres.Apart unsafe = Postgres.apart(Map.of(name, weak))) {
            StoreSettings fast = new StoreSettings(unsafe.freshDatabase("vault"), 1);
            assertThatThrownBy(() -> Store.open(fast))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("set it so: " + name + " = " + cure + ".");
        }
    }

    @Test
    void aLogOfStatementsWithoutTheirValuesIsNotWeak() {
        server.set("log_parameter_max_length", "0");
        server.set("log_statement", "all");
        try {
            Store.open(settings).close();
        } finally {
            server.set("log_statement", "");
            server.set("log_parameter_max_length", "");
        }
    }

    @Test
    void severalHostsInTheUrlTakeASynchronousStandby() {
        String two = "localhost:" + server.port();
        StoreSettings several = new StoreSettings("jdbc:postgresql://" + two + "," + two + "/vault?user=postgres", 1);
        assertThatThrownBy(() -> Store.open(several))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("synchronous_standby_names = ")
                .hasMessageContaining("synchronous_mode_strict")
                .hasMessageNotContaining(Integer.toString(server.port()));
    }

    @Test
    void aStandbyThatAppliesTheLogMustBeWaitedForAndAnArchiveNeedNot() throws Exception {
        try (Store store = Store.open(settings);
                Connection connection = DriverManager.getConnection(
                        settings.jdbcUrl() + "&replication=true&assumeMinServerVersion=14&preferQueryMode=simple")) {
            LogSequenceNumber from = LogSequenceNumber.valueOf("0/1000000");
            PGReplicationStream stream = connection
                    .unwrap(PgConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .physical()
                    .withStartPosition(from)
                    .withStatusInterval(1, TimeUnit.HOURS)
                    .start();
            store.look();
            assertThat(store.weakness()).isEmpty();
            stream.setFlushedLSN(from);
            stream.setAppliedLSN(from);
            stream.forceUpdateStatus();
            Awaitility.await().until(() -> {
                store.look();
                return store.weakness().isPresent();
            });
            assertThat(store.weakness().orElseThrow()).contains("synchronous_standby_names = ");
        }
    }

    @Test
    void whatCouldBeBetterIsSaidWithTheCure() {
        try (Store store = Store.openToRead(settings)) {
            assertThat(store.remarks())
                    .anyMatch(remark -> remark.contains("pg_checksums --enable"))
                    .anyMatch(remark -> remark.contains("log_error_verbosity = terse"))
                    .anyMatch(remark -> remark.contains("`db roles`"));
        }
    }
}

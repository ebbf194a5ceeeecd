package org.patronvault.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;
import org.awaitility.Awaitility;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.ConnectionPool;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Rows;
import org.patronvault.core.store.table.Tx;
import org.patronvault.testing.Postgres;

/** Tests of connections that end, or go silent. */
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
        try (Handle handle = ConnectionPool.jdbi(PostgresDialect.INSTANCE.dataSource(settings, false))
                .open()) {
            assertThat(Jdbc.wholeTable(handle, () -> Jdbc.first(handle, slow, none -> {}, row -> 1)))
                    .contains(1);
            assertThat(handle.getConnection().getNetworkTimeout()).isEqualTo(1_000);
            long begun = System.nanoTime();
            assertThatThrownBy(() -> Jdbc.first(handle, slow, none -> {}, row -> 1))
                    .isInstanceOfSatisfying(
                            JdbiException.class,
                            e -> assertThat(PostgresDialect.INSTANCE
                                            .translate(e)
                                            .kind())
                                    .isEqualTo(StoreException.Kind.UNKNOWN));
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(1_900);
        }
    }

    /** A proxy between a vault and its server. It can be cut, so that no server answers, or go silent. */
    private static final class Network implements AutoCloseable {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final String url;
        private final int to;
        private volatile ServerSocket listening;
        private volatile boolean silent;

        Network(String serverUrl) throws IOException {
            Matcher port = Pattern.compile("//localhost:([0-9]+)/").matcher(serverUrl);
            assertThat(port.find()).isTrue();
            to = Integer.parseInt(port.group(1));
            open(0);
            url = port.replaceFirst("//127.0.0.1:" + listening.getLocalPort() + "/");
        }

        private void open(int port) throws IOException {
            ServerSocket opened = new ServerSocket();
            opened.setReuseAddress(true);
            opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            listening = opened;
            threads.execute(() -> accept(opened));
        }

        private void accept(ServerSocket at) {
            try {
                while (true) {
                    Socket here = at.accept();
                    Socket there = new Socket(InetAddress.getLoopbackAddress(), to);
                    sockets.addAll(List.of(here, there));
                    threads.execute(() -> copy(here, there));
                    threads.execute(() -> copy(there, here));
                }
            } catch (IOException e) {
                // Cut.
            }
        }

        private void copy(Socket from, Socket into) {
            byte[] buffer = new byte[8_192];
            try (from;
                    into) {
                for (int n = from.getInputStream().read(buffer);
                        n >= 0;
                        n = from.getInputStream().read(buffer)) {
                    if (!silent) {
                        into.getOutputStream().write(buffer, 0, n);
                    }
                }
            } catch (IOException e) {
                // Cut.
            }
        }

        void cut() throws IOException {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }

        /** Cuts the connection for that long. */
        void cutFor(long millis) throws IOException {
            int port = listening.getLocalPort();
            cut();
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, threads)
                    .execute(() -> {
                        try {
                            open(port);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }

        @Override
        public void close() throws IOException {
            cut();
            threads.shutdownNow();
        }
    }

    @Test
    void whileNobodyAnswersAConnectionIsTriedForUntilSomebodyDoes() throws Exception {
        StoreSettings settings = new StoreSettings(Postgres.freshDatabase(), 1);
        try (Network network = new Network(settings.jdbcUrl())) {
            PostgresSource source = PostgresUrl.of(network.url).source(() -> null);
            source.getConnection().close();
            network.cutFor(600);
            source.getConnection().close();
            network.cut();
            PostgresSource first = PostgresUrl.of(network.url).source(() -> null);
            assertThatThrownBy(first::getConnection).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void aServerThatSaysNothingAnyMoreIsNoticedAndTheStoreGoesOnWhenItIsBack() throws Exception {
        try (Network network = new Network(Postgres.freshDatabase());
                Store store = Store.open(new StoreSettings(network.url + "&socketTimeout=1&loginTimeout=1", 1))) {
            Rows.put(store, 1, 1);
            network.silent = true;
            long begun = System.nanoTime();
            assertThatThrownBy(() -> Rows.put(store, 2, 1)).isInstanceOf(StoreException.class);
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun))
                    .isLessThan(10);
            network.silent = false;
            Awaitility.await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(() -> {
                Rows.put(store, 3, 1);
                return true;
            });
            assertThat(store.<Boolean>read(tx -> tx.patrons().everUsed(new PatronId(3))))
                    .isTrue();
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
            String[] seen = new String[3];
            store.write(tx -> {
                seen[0] = shown(tx, "tcp_keepalives_idle");
                seen[1] = shown(tx, "lock_timeout");
                seen[2] = shown(tx, "idle_in_transaction_session_timeout");
                return null;
            });
            assertThat(seen).containsExactly("4", "8s", "20s");
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

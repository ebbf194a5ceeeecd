package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Plain JDBC beside the vault: tries to write at each node of a cluster ten times a second. What is acknowledged tells from
 * when to when the cluster itself has a primary that writes, whoever finds it.
 */
final class WriteProbe implements AutoCloseable {
    private static final int PAUSE_MILLIS = 100;

    /** A write to the log of the server, which is acknowledged as any other; a standby does nothing. */
    private static final String WRITE =
            "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_logical_emit_message(true, 'probe', '') END IS NOT NULL";

    private final List<Node> nodes = new ArrayList<>();
    private final Successes written = new Successes();
    private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(3);

    private WriteProbe() {}

    /** Begins to try. */
    static WriteProbe begin(Cluster cluster) {
        WriteProbe probe = new WriteProbe();
        Properties settings = new Properties();
        settings.setProperty("password", cluster.password("vault_service"));
        settings.setProperty("connectTimeout", "1");
        settings.setProperty("socketTimeout", "5");
        for (String url : cluster.nodeUrls()) {
            Node node = probe.new Node(url, settings);
            probe.nodes.add(node);
            Future<?> unused = probe.pool.scheduleWithFixedDelay(node, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        return probe;
    }

    /** The writes that were acknowledged, by whichever node. */
    Successes written() {
        return written;
    }

    /** One node. The connection to a standby stays, and is there when it takes over. */
    private final class Node implements Runnable, AutoCloseable {
        private final String url;
        private final Properties settings;
        private Connection connection;

        private Node(String url, Properties settings) {
            this.url = url;
            this.settings = settings;
        }

        @Override
        public void run() {
            try {
                if (connection == null || connection.isClosed()) {
                    connection = DriverManager.getConnection(url, settings);
                }
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery(WRITE)) {
                    if (row.next() && row.getBoolean(1)) {
                        written.add();
                    }
                }
            } catch (SQLException e) {
                // That there is nobody to write to is what is to be seen. The driver has closed what is broken.
            }
        }

        @Override
        public void close() {
            try {
                if (connection != null) {
                    connection.close();
                }
            } catch (SQLException e) {
                // Then it is gone already.
            }
        }
    }

    @Override
    public void close() {
        pool.shutdown();
        try {
            assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            nodes.forEach(Node::close);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

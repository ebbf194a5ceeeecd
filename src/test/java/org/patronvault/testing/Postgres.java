package org.patronvault.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** One real PostgreSQL for the whole JVM, set as durable as the vault asks for, with a fresh database for each test. */
public final class Postgres {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static EmbeddedPostgres server;
    private static String failure = "";

    private Postgres() {}

    /** The JDBC URL of a new, empty database; skips the test where the server cannot start. */
    public static String freshDatabase() {
        String name = "vault" + DATABASES.incrementAndGet();
        EmbeddedPostgres running = running();
        try (Connection connection = DriverManager.getConnection(running.getJdbcUrl("postgres", "postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return running.getJdbcUrl("postgres", name);
    }

    private static synchronized EmbeddedPostgres running() {
        if (server == null && failure.isEmpty()) {
            try {
                server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .start();
            } catch (IOException | RuntimeException e) {
                failure = "PostgreSQL does not start: " + e.getMessage();
            }
        }
        Skips.unless(failure.isEmpty(), failure);
        return server;
    }
}

package org.patronvault.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One real PostgreSQL for the whole JVM, set as durable as the vault asks for, with a fresh database for each test. */
public final class Postgres {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final String USER = "postgres";
    private static final Pattern NAME = Pattern.compile("/(vault[0-9]+)\\?");
    private static EmbeddedPostgres server;
    private static String failure = "";

    private Postgres() {}

    /** The JDBC URL of a new, empty database; skips the test where the server cannot start. */
    public static String freshDatabase() {
        return create("");
    }

    /** The JDBC URL of a copy of one of these databases, which nobody may use meanwhile. */
    public static String copyOf(String jdbcUrl) {
        return create(" TEMPLATE " + name(jdbcUrl));
    }

    /** Removes one of these databases, whoever uses it. */
    public static void drop(String jdbcUrl) {
        execute("DROP DATABASE IF EXISTS " + name(jdbcUrl) + " WITH (FORCE)");
    }

    private static String create(String like) {
        String name = "vault" + DATABASES.incrementAndGet();
        execute("CREATE DATABASE " + name + like);
        return running().getJdbcUrl(USER, name);
    }

    private static String name(String jdbcUrl) {
        Matcher name = NAME.matcher(jdbcUrl);
        if (!name.find()) {
            throw new IllegalArgumentException("none of these databases");
        }
        return name.group(1);
    }

    private static void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(running().getJdbcUrl(USER, USER));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
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

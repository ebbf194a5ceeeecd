package org.patronvault.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;

/** One real PostgreSQL for the whole JVM, set as durable as the vault asks for, with a fresh database for each test. */
public final class Postgres {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final AtomicInteger MARKS = new AtomicInteger();
    private static final String USER = "postgres";
    private static final Pattern NAME = Pattern.compile("/(vault[0-9]+)\\?");
    private static EmbeddedPostgres server;
    private static String failure = "";
    private static String withTables = "";

    private Postgres() {}

    /** The JDBC URL of a new, empty database; skips the test where the server cannot start. */
    public static String freshDatabase() {
        return create("");
    }

    /** The JDBC URL of a copy of one of these databases, which nobody may use meanwhile. */
    public static String copyOf(String jdbcUrl) {
        return create(" TEMPLATE " + name(jdbcUrl));
    }

    /** The JDBC URL of a new database that has the tables of a vault and no rows. They are made once. */
    public static synchronized String databaseWithTables() {
        if (withTables.isEmpty()) {
            String url = freshDatabase();
            Store.open(new StoreSettings(url, 1)).close();
            withTables = url;
        }
        return copyOf(withTables);
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

    /** A server of its own, for what concerns all of one; with its own log file. */
    public static final class Apart implements AutoCloseable {
        private final EmbeddedPostgres server;
        private final Path directory;

        private Apart(EmbeddedPostgres server, Path directory) {
            this.server = server;
            this.directory = directory;
        }

        /** The JDBC URL of a database for that role; both are not made by this. */
        public String url(String role, String database) {
            return server.getJdbcUrl(role, database);
        }

        /** The JDBC URL of a new, empty database for the superuser. */
        public String freshDatabase(String name) {
            execute(url("postgres", "postgres"), "CREATE DATABASE " + name);
            return url("postgres", name);
        }

        /** Where it listens. */
        public int port() {
            return server.getPort();
        }

        /** Changes a setting of the running server, or with an empty value back to what it began with. */
        public void set(String setting, String value) {
            String url = url("postgres", "postgres");
            execute(
                    url,
                    "ALTER SYSTEM " + (value.isEmpty() ? "RESET " + setting : "SET " + setting + " = '" + value + "'"));
            execute(url, "SELECT pg_reload_conf()");
            Awaitility.await()
                    .until(() -> value.isEmpty() || one(url, "SHOW " + setting).equals(value));
        }

        /**
         * What its log says of everything that was answered until now. A process of the server's own writes it from
         * a pipe, some time after: a mark goes in, and what comes out with it is whole.
         */
        public String log() {
            String mark = "mark " + MARKS.incrementAndGet() + " is written";
            execute(url("postgres", "postgres"), "DO $$BEGIN RAISE LOG '" + mark + "'; END$$");
            return Awaitility.await().until(this::written, log -> log.contains(mark));
        }

        private String written() {
            try (Stream<Path> files = Files.list(directory.resolve("log"))) {
                StringBuilder all = new StringBuilder();
                for (Path file : files.sorted().toList()) {
                    all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
                }
                return all.toString();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Starts a server of its own with those settings beside the ones the vault asks for; skips where it cannot. */
    public static Apart apart(Map<String, String> settings) {
        try {
            Path directory = Files.createTempDirectory(
                            Files.createDirectories(Path.of("target")).toAbsolutePath(), "postgres-apart")
                    .resolve("data");
            return apart(directory, settings);
        } catch (IOException | RuntimeException e) {
            Skips.unless(false, "PostgreSQL does not start: " + e.getMessage());
            throw new AssertionError(e);
        }
    }

    /** The same in that directory, which is removed once it is closed; what keeps it from starting is thrown. */
    public static Apart apart(Path directory, Map<String, String> settings) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("logging_collector", "on");
        settings.forEach(builder::setServerConfig);
        return new Apart(builder.start(), directory);
    }

    /** Runs SQL, of several statements if need be. */
    public static void execute(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String one(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
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

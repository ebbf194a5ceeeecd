package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.patronvault.testing.Postgres;

/** A PostgreSQL for the run alone, on the disk of the other databases, with a database for each directory of a side. */
final class PostgresServer implements AutoCloseable {
    private static final String USER = "postgres";

    /** What somebody would set for a million patrons; besides, it is as durable as the vault asks for. */
    private static final Map<String, String> SETTINGS = Map.of(
            "maintenance_work_mem", "256MB",
            "max_wal_size", "8GB",
            "checkpoint_timeout", "15min",
            "random_page_cost", "1.1");

    private static final int SHARE_OF_MEMORY = 4;

    /** What the report repeats, as the server says it. */
    private static final String TOLD =
            "'shared_buffers', 'effective_cache_size', 'maintenance_work_mem', 'max_wal_size', 'checkpoint_timeout',"
                    + " 'random_page_cost', 'fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'autovacuum'";

    private final Postgres.Apart server;

    private PostgresServer(Postgres.Apart server) {
        this.server = server;
    }

    /** Starts one that has its files in that directory until it is closed. */
    static PostgresServer start(Path directory) throws IOException {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        long quarter = Machine.memoryMiB() / SHARE_OF_MEMORY;
        settings.put("shared_buffers", quarter + "MB");
        settings.put("effective_cache_size", 2 * quarter + "MB");
        return new PostgresServer(Postgres.apart(directory, settings));
    }

    /** What it is, and how it is set. */
    String words() {
        String sql = "SELECT 'PostgreSQL ' || current_setting('server_version') || ', ' || string_agg(name || '='"
                + " || current_setting(name), ', ' ORDER BY name) FROM pg_settings WHERE name IN (" + TOLD + ")";
        return ask(USER, sql, row -> row.getString(1)).get(0);
    }

    private static String name(Path directory) {
        return directory.getFileName().toString().replace('-', '_');
    }

    /** The JDBC URL of the database of that directory. */
    String url(Path directory) {
        return server.url(USER, name(directory));
    }

    /** Makes an empty database for that directory in place of one it has; gives its URL. */
    String make(Path directory) {
        return make(directory, "");
    }

    /** Makes a copy, for one directory, of the database of another, which nobody may use meanwhile; gives its URL. */
    String copy(Path from, Path to) {
        return make(to, " TEMPLATE " + name(from));
    }

    private String make(Path directory, String like) {
        String all = server.url(USER, USER);
        Postgres.execute(all, "DROP DATABASE IF EXISTS " + name(directory));
        Postgres.execute(all, "CREATE DATABASE " + name(directory) + like);
        return url(directory);
    }

    /** How large the database of that directory is once autovacuum's work is done and all is on disk. */
    Rig.Disk disk(Path directory) {
        Postgres.execute(url(directory), "VACUUM (ANALYZE)");
        Postgres.execute(url(directory), "CHECKPOINT");
        Map<String, Long> tables = new LinkedHashMap<>();
        ask(
                        name(directory),
                        "SELECT relname, pg_total_relation_size(oid) AS bytes FROM pg_class WHERE relkind = 'r'"
                                + " AND relnamespace = current_schema()::regnamespace ORDER BY bytes DESC",
                        row -> Map.entry(row.getString(1), row.getLong(2)))
                .forEach(table -> tables.put(table.getKey(), table.getValue()));
        return new Rig.Disk(tables.values().stream().mapToLong(Long::longValue).sum(), tables);
    }

    /** The only number that the query finds in the database of that directory. */
    long number(Path directory, String sql) {
        return ask(name(directory), sql, row -> row.getLong(1)).get(0);
    }

    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> ask(String database, String sql, Row<T> reader) {
        try (Connection connection = DriverManager.getConnection(server.url(USER, database));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<T> found = new ArrayList<>();
            while (rows.next()) {
                found.add(reader.read(rows));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}

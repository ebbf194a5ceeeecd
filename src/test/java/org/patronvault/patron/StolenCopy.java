package org.patronvault.patron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a thief has who took the files of an SQLite database and no key: every row of every table, and every page. */
final class StolenCopy {
    private static final String DATABASE = "vault.db";
    private static final String LOG = "vault.db-wal";
    private static final int PAGE_SIZE_AT = 16;
    private static final int LOG_HEADER_BYTES = 32;
    private static final int FRAME_HEADER_BYTES = 24;

    /** A row: each column as bytes, whole numbers as eight of them, the highest first; no column that is null. */
    record Row(String table, Map<String, byte[]> columns) {}

    private final List<Row> rows = new ArrayList<>();
    private final List<byte[]> pages = new ArrayList<>();

    private StolenCopy(Path directory) throws IOException, SQLException {
        // Before SQLite opens the copy, which may write the log into the database.
        byte[] database = Files.readAllBytes(directory.resolve(DATABASE));
        int pageBytes = Short.toUnsignedInt(ByteBuffer.wrap(database).getShort(PAGE_SIZE_AT));
        for (int at = 0; at < database.length; at += pageBytes) {
            pages.add(Arrays.copyOfRange(database, at, at + pageBytes));
        }
        if (Files.exists(directory.resolve(LOG))) {
            byte[] log = Files.readAllBytes(directory.resolve(LOG));
            int frameBytes = FRAME_HEADER_BYTES + pageBytes;
            for (int at = LOG_HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
                pages.add(Arrays.copyOfRange(log, at, at + frameBytes));
            }
        }
        try (Connection connection = connect(directory)) {
            for (String table : tables(connection)) {
                read(connection, table);
            }
        }
    }

    /** The copy that lies in a directory; once it was read, the database there is as if it had been stopped. */
    static StolenCopy in(Path directory) {
        try {
            return new StolenCopy(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Copies the files of a database. */
    static void take(Path database, Path directory) {
        try (Stream<Path> files = Files.list(database.getParent())) {
            Files.createDirectories(directory);
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith(DATABASE))
                    .toList()) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection to the copy in a directory. */
    static Connection connect(Path directory) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve(DATABASE));
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet names = statement.executeQuery("SELECT name FROM sqlite_master WHERE type = 'table'")) {
            while (names.next()) {
                tables.add(names.getString(1));
            }
        }
        return tables;
    }

    private void read(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet all = statement.executeQuery("SELECT * FROM \"" + table + "\"")) {
            while (all.next()) {
                Map<String, byte[]> columns = new LinkedHashMap<>();
                for (int i = 1; i <= all.getMetaData().getColumnCount(); i++) {
                    if (all.getObject(i) != null) {
                        columns.put(all.getMetaData().getColumnName(i), bytes(all.getObject(i)));
                    }
                }
                rows.add(new Row(table, columns));
            }
        }
    }

    private static byte[] bytes(Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof Number number) {
            return ByteBuffer.allocate(Long.BYTES).putLong(number.longValue()).array();
        }
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Every row, table by table, as they lie one after the other. */
    List<Row> rows() {
        return rows;
    }

    /** The rows of one table. */
    List<Row> rows(String table) {
        return rows.stream().filter(row -> row.table().equals(table)).toList();
    }

    /** Every page of the database and every frame of its write-ahead log, those that count no more included. */
    List<byte[]> pages() {
        return pages;
    }
}

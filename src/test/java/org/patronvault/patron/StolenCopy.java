package org.patronvault.patron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.copy.StoreCopy;

/** A stolen copy of an SQLite database without keys: every row of every table, and every page. */
final class StolenCopy {
    private static final String DATABASE = "vault.db";
    private static final String LOG = "vault.db-wal";
    private static final int PAGE_SIZE_AT = 16;
    private static final int LOG_HEADER_BYTES = 32;
    private static final int FRAME_HEADER_BYTES = 24;

    private final Path directory;
    private final List<byte[]> pages = new ArrayList<>();

    private StolenCopy(Path directory) throws IOException, SQLException {
        this.directory = directory;
        // Before SQLite opens the copy, and writes the log into the database.
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
        try (Connection connection = connect(directory);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    /** Reads the copy in a directory; afterwards the database there is as if it had been stopped. */
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

    /** Reads its tables. */
    <T> T read(Function<Tx, T> work) {
        try (StoreCopy copy = StoreCopy.open(directory.resolve(DATABASE))) {
            return copy.read(work);
        }
    }

    /** Every page of the database and every frame of its write-ahead log, outdated ones included. */
    List<byte[]> pages() {
        return pages;
    }
}

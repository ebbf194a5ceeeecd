package org.patronvault.store.copy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.RowCursor;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.sqlite.FileRows;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of a database before a newer version changes its tables. It is the way back until that version has written
 * anything. Like the database it holds nothing unencrypted, and is for the owner alone.
 */
public final class PreUpgradeCopy {
    private static final String END = ".before-upgrade";

    private static final Logger LOG = LoggerFactory.getLogger(PreUpgradeCopy.class);
    private static final long TOLD_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private PreUpgradeCopy() {}

    /** Returns the path of a database's copy: beside it. */
    public static Path of(Path database) {
        return database.resolveSibling(database.getFileName() + END);
    }

    private static Path begun(Path copy) {
        return copy.resolveSibling(copy.getFileName() + ".new");
    }

    /**
     * Removes the copy beside a database, and what a killed process began of it. It would bring back patrons erased
     * since.
     */
    public static void remove(Path database) {
        try {
            Files.deleteIfExists(begun(of(database)));
            Files.deleteIfExists(of(database));
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.FAILED, "the copy from before an upgrade cannot be removed");
        }
    }

    /**
     * Makes the copy, in place of an older one from an attempt that was broken off. Compares each value of each row
     * with the database. The copy gets its name, and is on its disk, once that is done. Nobody else may use the
     * database.
     *
     * @throws Refused if there is no room for it, or something else changed the database meanwhile
     */
    public static void make(StoreSettings of, Path copy) {
        Path begun = begun(copy);
        if (!Files.isDirectory(copy.toAbsolutePath().getParent())) {
            throw new Refused(Problem.NOT_FOUND, "The directory that the copy is to lie in is not there.");
        }
        try (Store old = Store.openToRead(of)) {
            Files.deleteIfExists(begun);
            // The tables are as they were then, or this would not be called: the database is that copy.
            Files.deleteIfExists(copy);
            // Rather than after minutes of copying.
            if (free(begun) < StoreCopy.expectedBytes(old)) {
                throw noRoom(begun);
            }
            Files.createFile(begun, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            LOG.info("Tables of an older version: a copy of the database is made and proved before they are changed.");
            StoreCopy.make(old, begun, now("copied: {} bytes, or rows"));
            requireEqual(Dialect.of(of), old, begun);
            keep(begun, copy);
            LOG.info("The copy is proved: {}.", copy.getFileName());
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.FULL) {
                throw noRoom(begun);
            }
            throw e;
        } catch (IntegrityException e) {
            throw new Refused(
                    Problem.INVALID,
                    "The copy that is made before an upgrade differs from the database (" + e.getMessage()
                            + "): another process changed it, or its disk is damaged. Nothing was changed. Stop every"
                            + " process of the vault, and try again.");
        } catch (IOException e) {
            throw noRoom(begun);
        } finally {
            discard(begun);
        }
    }

    private static LongConsumer now(String sentence) {
        long[] told = {System.nanoTime()};
        return done -> {
            if (System.nanoTime() - told[0] > TOLD_EVERY_NANOS) {
                told[0] = System.nanoTime();
                LOG.info(sentence, done);
            }
        };
    }

    private static void requireEqual(Dialect dialect, Store old, Path begun) {
        try (StoreCopy copy = StoreCopy.open(begun)) {
            if (!copy.isSound()) {
                throw new IntegrityException("copy: pages");
            }
            // A server may sort a table before its first answer.
            old.<Boolean>read(tx -> Jdbc.wholeTable(
                    tx.handle,
                    () -> copy.read(there -> {
                        requireEqual(dialect, tx, there.handle.getConnection());
                        return true;
                    })));
        }
    }

    private static void requireEqual(Dialect dialect, Tx tx, Connection copy) {
        LongConsumer told = now("compared: {} rows of a table");
        try {
            for (MovedTable table : MovedTable.of(tx)) {
                try (RowCursor ours = dialect.rows(table, tx.handle.getConnection());
                        RowCursor theirs = new FileRows(table, copy)) {
                    long unused = TableComparison.run(table, ours, theirs, new TableEquality(table), told);
                }
            }
        } catch (SQLException | IOException e) {
            throw dialect.translate(e);
        }
    }

    private static void keep(Path begun, Path copy) throws IOException {
        try (FileChannel file = FileChannel.open(begun, Set.of(StandardOpenOption.WRITE))) {
            force(file);
        }
        Files.move(begun, copy, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(copy.toAbsolutePath().getParent())) {
            force(names);
        }
    }

    /** Forces the file to disk. A failed sync may not be repeated, since the disk may then report success. */
    private static void force(FileChannel open) {
        try {
            open.force(true);
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.BROKEN, "the copy from before an upgrade could not be put on disk");
        }
    }

    private static void discard(Path begun) {
        for (String beside : List.of("", "-journal", "-wal", "-shm")) {
            try {
                Files.deleteIfExists(begun.resolveSibling(begun.getFileName() + beside));
            } catch (IOException e) {
                // The next upgrade, or the next unsealing, removes it.
            }
        }
    }

    private static Refused noRoom(Path begun) {
        return new Refused(
                Problem.STORE_FULL,
                "Before tables are changed a copy of the database is made, and it cannot be written beside it, or where"
                        + " --copy says: see that the directory may be written and that its disk has room for another"
                        + " database ("
                        + free(begun) / (1 << 20)
                        + " MiB are free). Nothing was changed.");
    }

    private static long free(Path begun) {
        return begun.toAbsolutePath().getParent().toFile().getUsableSpace();
    }
}

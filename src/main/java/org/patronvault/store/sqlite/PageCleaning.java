package org.patronvault.store.sqlite;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.patronvault.core.store.sql.DatabaseFailures;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that clears deleted bytes from the files of a SQLite database. SQLite itself overwrites deleted cells and
 * freed pages ({@code secure_delete}), and a checkpoint empties the write-ahead log. But when SQLite splits a page,
 * copies of moved cells remain in the free space between the cell list and the first cell. A later deletion overwrites
 * only the live cell. This task overwrites these gaps in every page written since the last run, while nobody can write.
 * Safe for use by many threads.
 */
public final class PageCleaning implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PageCleaning.class);
    private static final long PAUSE_NANOS = 10_000_000;
    private static final int AT_ONCE = 1_000;
    private static final int RESTS_AT_ONCE = 20;
    private static final int PAGE_BYTES_AT = 16;

    /** The page number from which an overflow page's first bytes, a page number, could look like a page type. */
    private static final long MOST_PAGES = 0x0200_0000L;

    private final Path log;
    private final DataSource writer;
    private final Dialect dialect;
    private final ReentrantLock writing;
    private final ReentrantLock checkpointing = new ReentrantLock();

    /**
     * Kept open as long as SQLite has the file, since closing it would release SQLite's own locks (fcntl, POSIX). It is
     * no channel, since an interrupt closes the channel a thread uses.
     */
    private final RandomAccessFile file;

    /** Pages written since they were cleaned, by number from 0; guarded by {@code writing}. */
    private final BitSet due = new BitSet();

    /** Pages that were due and could not be read; guarded by {@code writing}. */
    private final BitSet unreadable = new BitSet();

    /** Pages of unknown state, since another process wrote them; guarded by {@code writing}. */
    private final BitSet rest = new BitSet();

    private final WrittenPages written;
    private Optional<WalCheckpoints> checkpoints = Optional.empty();
    private boolean told;

    /** Begins with every page to be cleaned, since earlier cleaning is unknown. */
    static PageCleaning of(Path database, DataSource writer, Dialect dialect, ReentrantLock writing) {
        try {
            return new PageCleaning(database, new RandomAccessFile(database.toFile(), "rw"), writer, dialect, writing);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.FAILED, "the database cannot be opened");
        }
    }

    PageCleaning(Path database, RandomAccessFile file, DataSource writer, Dialect dialect, ReentrantLock writing)
            throws IOException {
        this.log = database.resolveSibling(database.getFileName() + "-wal");
        this.writer = writer;
        this.dialect = dialect;
        this.writing = writing;
        this.written = new WrittenPages(log);
        this.file = file;
        rest.set(0, (int) Math.min(MOST_PAGES, file.length() / pageBytes()));
    }

    private int pageBytes() throws IOException {
        int bytes = WrittenPages.read(file, PAGE_BYTES_AT, 2).getShort(0) & 0xffff;
        return bytes == 1 ? 65_536 : Math.max(512, bytes);
    }

    /** Records the pages in the write-ahead log. The caller holds {@code writing} and is about to write. */
    public void note() {
        written.noteIn(due);
    }

    /**
     * Starts the thread that moves committed pages out of the write-ahead log.
     *
     * @param source of a connection to the database
     * @param failures receives each failure
     */
    public void startCheckpoints(DataSource source, DatabaseFailures failures) {
        checkpoints = Optional.of(WalCheckpoints.start(source, this, failures));
    }

    /** Moves committed pages out of the write-ahead log, except while pages are cleaned. Nobody waits for it. */
    void checkpoint(Connection connection) throws SQLException {
        checkpointing.lock();
        try {
            passive(connection);
        } finally {
            checkpointing.unlock();
        }
    }

    /** Moves committed pages as {@link #checkpoint} does, while nobody writes. */
    void checkpointAlone(Connection connection) throws SQLException {
        checkpointing.lock();
        writing.lock();
        try {
            passive(connection);
        } finally {
            writing.unlock();
            checkpointing.unlock();
        }
    }

    private static void passive(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
    }

    /** Empties the write-ahead log. Fails with "busy" while a reader is in the way. */
    private static void empty(Connection connection) throws SQLException {
        String patience = Dialect.one(connection, "PRAGMA busy_timeout");
        try (Statement statement = connection.createStatement()) {
            // A checkpoint holds the writer's lock while it waits for readers, so it must not wait for long.
            statement.execute("PRAGMA busy_timeout = 100");
            try (ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                if (!result.next() || result.getInt(1) != 0 || result.getInt(2) != 0) {
                    throw new SQLException("checkpoint busy", "", 5);
                }
            } finally {
                statement.execute("PRAGMA busy_timeout = " + patience);
            }
        }
    }

    /**
     * Clears everything deleted since the start. Tries for {@code patienceMillis} if readers are in the way or much is
     * to be done. Returns true if nothing is left except on unreadable pages, which are tried again the next time.
     */
    public boolean clean(long patienceMillis) {
        long deadline = System.nanoTime() + patienceMillis * 1_000_000;
        takeUpUnreadable();
        while (true) {
            Optional<Boolean> done = stepIfFree(due);
            if (done.orElse(false) || System.nanoTime() - deadline > 0) {
                return done.orElse(false);
            }
            if (done.isEmpty()) {
                // Released between two tries, so that writers need not wait for readers.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void takeUpUnreadable() {
        writing.lock();
        try {
            due.or(unreadable);
            unreadable.clear();
        } finally {
            writing.unlock();
        }
    }

    /** Clears some pages that earlier processes left. Returns true if none is left. */
    public boolean cleanRest() {
        Optional<Boolean> done = Optional.of(false);
        for (int i = 0; i < RESTS_AT_ONCE && done.isPresent() && !done.get(); i++) {
            done = stepIfFree(rest);
        }
        return done.orElse(false);
    }

    /** Whether nothing is left after one more step; empty if others are in the way. */
    private Optional<Boolean> stepIfFree(BitSet pages) {
        try {
            return Optional.of(step(pages));
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.BUSY) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private boolean step(BitSet pages) {
        checkpointing.lock();
        writing.lock();
        try (Connection connection = writer.getConnection();
                Statement statement = connection.createStatement()) {
            note();
            if (logBytes() > 0) {
                empty(connection);
            }
            // Also if another program had the file open, nobody writes from here on.
            statement.execute("BEGIN IMMEDIATE");
            boolean changed = false;
            try {
                if (logBytes() == 0) {
                    // The file has the full state of each page.
                    changed = cleanSome(pages);
                }
            } finally {
                statement.execute("ROLLBACK");
            }
            if (changed) {
                // Otherwise this connection would write its cached gaps with the next change of such a page.
                statement.execute("PRAGMA shrink_memory");
            }
            return pages.isEmpty();
        } catch (SQLException e) {
            throw dialect.translate(e);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.BROKEN, "the database cannot be cleaned");
        } finally {
            writing.unlock();
            checkpointing.unlock();
        }
    }

    private long logBytes() throws IOException {
        return Files.notExists(log) ? 0 : Files.size(log);
    }

    private boolean cleanSome(BitSet pages) throws IOException {
        int bytes = pageBytes();
        int usable = bytes - (WrittenPages.read(file, 20, 1).get(0) & 0xff);
        long all = file.length() / bytes;
        if (all >= MOST_PAGES) {
            pages.clear();
        }
        boolean changed = false;
        int page = pages.nextSetBit(0);
        for (int done = 0; page >= 0 && done < AT_ONCE; done++) {
            if (page < all) {
                changed |= clean(page, bytes, usable);
            }
            pages.clear(page);
            page = pages.nextSetBit(page + 1);
        }
        if (changed) {
            file.getFD().sync();
        }
        return changed;
    }

    /** Overwrites the gap of one page, if it is a b-tree page and its gap has bytes. */
    private boolean clean(int page, int bytes, int usable) throws IOException {
        ByteBuffer buffer;
        try {
            buffer = WrittenPages.read(file, (long) page * bytes, bytes);
        } catch (IOException e) {
            leave(page);
            return false;
        }
        Optional<FreeSpaceRange> dirty =
                FreeSpaceRange.of(buffer, page == 0, usable).filter(gap -> gap.isDirty(buffer));
        if (dirty.isPresent()) {
            file.seek((long) page * bytes + dirty.get().from());
            file.write(new byte[dirty.get().length()]);
        }
        return dirty.isPresent();
    }

    /**
     * Records a page that cannot be read. It fails one call, not the vault; the page is tried again, and is not clean
     * until then.
     */
    private void leave(int page) {
        unreadable.set(page);
        if (!told) {
            told = true;
            LOG.error("A page of the database cannot be read, nor cleared of what was deleted from it; run `check`.");
        }
    }

    @Override
    public void close() {
        checkpoints.ifPresent(WalCheckpoints::close);
        try {
            file.close();
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.FAILED, "the database cannot be closed");
        }
    }

    /**
     * The free space between the cell list and the cells of a b-tree page, where deleted bytes may remain (SQLite,
     * "Database File Format", 1.6).
     *
     * @param from where it begins in the page
     * @param length in bytes
     */
    private record FreeSpaceRange(int from, int length) {
        /** The bytes of the first page before its b-tree header. */
        private static final int FIRST_PAGE_HEADER = 100;

        private static final int LEAF_HEADER = 8;
        private static final int INTERIOR_HEADER = 12;

        /**
         * Returns the free space of a page. Empty if it is not a b-tree page, or is damaged, which {@code check}
         * reports.
         *
         * @param usable bytes of each page that are the database's
         */
        private static Optional<FreeSpaceRange> of(ByteBuffer page, boolean first, int usable) {
            int header = first ? FIRST_PAGE_HEADER : 0;
            int size = switch (page.get(header)) {
                case 10, 13 -> LEAF_HEADER;
                case 2, 5 -> INTERIOR_HEADER;
                default -> 0;
            };
            int cells = page.getShort(header + 3) & 0xffff;
            int list = header + size;
            int from = list + 2 * cells;
            int content = page.getShort(header + 5) & 0xffff;
            int to = content == 0 ? 65_536 : content;
            boolean whole = size != 0 && from <= to && to <= usable && isWhole(page, list, cells, to);
            return whole ? Optional.of(new FreeSpaceRange(from, to - from)) : Optional.empty();
        }

        /** Whether every cell begins in the area for cells. */
        private static boolean isWhole(ByteBuffer page, int list, int cells, int content) {
            return IntStream.range(0, cells).allMatch(i -> (page.getShort(list + 2 * i) & 0xffff) >= content);
        }

        /** Whether any bytes in it are not zero. */
        private boolean isDirty(ByteBuffer page) {
            return IntStream.range(from, from + length).anyMatch(i -> page.get(i) != 0);
        }
    }
}

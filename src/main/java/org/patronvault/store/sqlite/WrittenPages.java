package org.patronvault.store.sqlite;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.patronvault.core.store.sql.StoreException;

/**
 * The set of pages written to a SQLite database, read from its write-ahead log (SQLite, "Database File Format", 4). The
 * caller is about to write, and holds the lock that excludes all other writers. Only a writer restarts the log, so no
 * page is missed.
 */
final class WrittenPages {
    /** Its last bit names the byte order of the checksums. */
    private static final int MAGIC = 0x377f0682;

    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int SALT_AT = 16;

    private final Path log;
    private long salt;
    private long frames;

    WrittenPages(Path log) {
        this.log = log;
    }

    /**
     * Sets the bit of each page that was written since the last call, by its number from 0.
     *
     * @throws StoreException of kind BROKEN if the log was cut since then, though it was written to afterwards
     */
    void noteIn(BitSet pages) {
        try (RandomAccessFile wal = Files.notExists(log) ? null : new RandomAccessFile(log.toFile(), "r")) {
            long end = wal == null ? 0 : wal.length();
            if (end < HEADER) {
                frames = 0;
                return;
            }
            ByteBuffer header = read(wal, 0, HEADER);
            if ((header.getInt(0) & ~1) != MAGIC) {
                require(false, wal);
                // Another program's checkpoint emptied the log just now.
                frames = 0;
                return;
            }
            if (header.getLong(SALT_AT) != salt) {
                salt = header.getLong(SALT_AT);
                frames = 0;
            }
            int frameBytes = FRAME_HEADER + header.getInt(8);
            // SQLite writes no frame twice. A frame behind the end of a file that was cut leaves zeros before itself.
            require(frames == 0 || saltOf(read(wal, HEADER + (frames - 1) * frameBytes, FRAME_HEADER)) == salt, wal);
            for (long at = frames; HEADER + (at + 1) * frameBytes <= end; at++) {
                ByteBuffer frame = read(wal, HEADER + at * frameBytes, FRAME_HEADER);
                if (saltOf(frame) != salt) {
                    break;
                }
                pages.set(frame.getInt(0) - 1);
                if (frame.getInt(4) != 0) {
                    // Uncommitted frames may be rolled back and overwritten.
                    frames = at + 1;
                }
            }
        } catch (FileNotFoundException e) {
            // This process has too many files open, or the disk failed here; nothing was begun.
            throw new StoreException(StoreException.Kind.BUSY, "the write-ahead log cannot be opened");
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.BROKEN, "the write-ahead log cannot be read");
        }
    }

    /** Returns the length of a log with so many pages of that size. */
    static long bytes(long pages, int pageBytes) {
        return HEADER + pages * (FRAME_HEADER + pageBytes);
    }

    private static long saltOf(ByteBuffer frame) {
        return frame.getLong(8);
    }

    /** Throws if the log is not whole, unless another program's checkpoint may have emptied it meanwhile. */
    private static void require(boolean isWhole, RandomAccessFile wal) throws IOException {
        if (!isWhole && wal.length() >= HEADER) {
            throw DatabaseFiles.broken("the write-ahead log was cut");
        }
    }

    /** Returns that many bytes of a file from a position; zeros behind its end. */
    static ByteBuffer read(RandomAccessFile from, long at, int bytes) throws IOException {
        byte[] buffer = new byte[bytes];
        from.seek(at);
        int more = 1;
        for (int done = 0; more > 0; done += more) {
            more = from.read(buffer, done, bytes - done);
        }
        return ByteBuffer.wrap(buffer);
    }
}

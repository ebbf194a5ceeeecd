package org.patronvault.store.sqlite;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.patronvault.core.store.sql.StoreException;

/**
 * The frames of a write-ahead log, each a page that was written (SQLite, "Database File Format", 4). They show whether
 * the log was cut, even if a write made it long again. The caller holds the lock that excludes all other writers. Only a
 * writer starts the log anew.
 */
final class WalFrames {
    static final int HEADER_BYTES = 32;
    static final int FRAME_HEADER_BYTES = 24;

    /** Its last bit names the byte order of the checksums. */
    private static final int MAGIC = 0x377f0682;

    private static final int SALT_AT = 16;
    private static final int FRAME_SALT_AT = 8;
    private static final int PAGE_BYTES_AT = 8;
    private static final int COMMIT_AT = 4;

    private final Path log;
    private long salt;

    /** The committed frames that were seen. */
    private long frames;

    WalFrames(Path log) {
        this.log = log;
    }

    /**
     * Requires the last committed frame that was seen, and looks for further ones.
     *
     * @throws StoreException of kind BROKEN if the log was cut since then, though it was written to afterwards
     */
    void require() {
        try (RandomAccessFile wal = Files.notExists(log) ? null : new RandomAccessFile(log.toFile(), "r")) {
            long end = wal == null ? 0 : wal.length();
            if (end < HEADER_BYTES) {
                frames = 0;
                return;
            }
            ByteBuffer header = read(wal, 0, HEADER_BYTES);
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
            int frameBytes = FRAME_HEADER_BYTES + header.getInt(PAGE_BYTES_AT);
            // SQLite writes no frame twice. A frame behind the end of a file that was cut leaves zeros before itself.
            require(frames == 0 || frame(wal, frames - 1, frameBytes).getLong(FRAME_SALT_AT) == salt, wal);
            for (long at = frames; HEADER_BYTES + (at + 1) * frameBytes <= end; at++) {
                ByteBuffer frame = frame(wal, at, frameBytes);
                if (frame.getLong(FRAME_SALT_AT) != salt) {
                    break;
                }
                if (frame.getInt(COMMIT_AT) != 0) {
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

    private static ByteBuffer frame(RandomAccessFile wal, long number, int frameBytes) throws IOException {
        return read(wal, HEADER_BYTES + number * frameBytes, FRAME_HEADER_BYTES);
    }

    /** Throws if the log is not whole, unless another program's checkpoint may have emptied it meanwhile. */
    private static void require(boolean isWhole, RandomAccessFile wal) throws IOException {
        if (!isWhole && wal.length() >= HEADER_BYTES) {
            throw DatabaseFiles.broken("the write-ahead log was cut");
        }
    }

    /** Returns that many bytes from a position; zeros behind the end. */
    private static ByteBuffer read(RandomAccessFile from, long at, int bytes) throws IOException {
        byte[] buffer = new byte[bytes];
        from.seek(at);
        int more = 1;
        for (int done = 0; more > 0; done += more) {
            more = from.read(buffer, done, bytes - done);
        }
        return ByteBuffer.wrap(buffer);
    }
}

package org.patronvault.core.keys.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A small file of two slots that are written in turn. Each slot is written by one call and has a disk block of its own.
 * So a crash during a write leaves the other slot intact. Not thread-safe.
 */
public final class TwoSlotFile implements AutoCloseable {
    /** The longest slot: the smallest unit that a disk writes as a whole. */
    public static final int MAX_SLOT_BYTES = 512;

    private static final int BLOCK_BYTES = 4_096;

    private final Path path;

    /** Not a channel: an interrupted thread closes the channel it uses. */
    private RandomAccessFile open;

    private boolean second;

    /** Makes the reader and writer of that file, which need not exist. */
    public TwoSlotFile(Path path) {
        this.path = path;
    }

    /**
     * Returns both slots with their padding, whatever they contain; empty if there is no file.
     *
     * @throws DurableFile.Unreadable if the file exists and cannot be read now
     */
    public List<byte[]> slots() {
        try {
            byte[] all = Files.readAllBytes(path);
            return List.of(
                    Arrays.copyOfRange(all, 0, MAX_SLOT_BYTES),
                    Arrays.copyOfRange(all, Math.min(all.length, BLOCK_BYTES), BLOCK_BYTES + MAX_SLOT_BYTES));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new DurableFile.Unreadable(e);
        }
    }

    /**
     * Creates or replaces the file with that content in both slots, on disk when this returns.
     *
     * @throws DurableFile.Unwritable if it cannot be written; the file is unchanged
     */
    public void begin(byte[] slot) {
        byte[] all = Arrays.copyOf(requireSlot(slot), 2 * BLOCK_BYTES);
        System.arraycopy(slot, 0, all, BLOCK_BYTES, slot.length);
        close();
        DurableFile.write(path, all);
        try {
            open = new RandomAccessFile(path.toFile(), "rw");
        } catch (IOException e) {
            throw new DurableFile.Unwritable(e);
        }
    }

    private static byte[] requireSlot(byte[] slot) {
        if (slot.length > MAX_SLOT_BYTES) {
            throw new IllegalArgumentException("a slot is longer than it may be");
        }
        return slot;
    }

    /**
     * Writes the next slot. A process that is killed afterwards loses nothing of it.
     *
     * @throws DurableFile.SyncFailed if it cannot be written; every watch of the home is notified
     */
    public void write(byte[] slot) {
        try {
            open.seek(second ? BLOCK_BYTES : 0);
            open.write(requireSlot(slot));
            second = !second;
        } catch (IOException e) {
            throw DurableFile.told(path, e);
        }
    }

    /** Puts the written slot on disk; does nothing before {@link #begin}. */
    public void sync() {
        if (open != null) {
            DurableFile.force(open.getChannel(), path);
        }
    }

    @Override
    public void close() {
        try {
            if (open != null) {
                open.close();
                open = null;
            }
        } catch (IOException e) {
            throw DurableFile.told(path, e);
        }
    }
}

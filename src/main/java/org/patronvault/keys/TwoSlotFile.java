package org.patronvault.keys;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A small file of two slots that are written in turn. Each is written by one call and lies in a block of the disk of its
 * own, so that a crash in the middle of one write leaves the other slot. For one thread.
 */
public final class TwoSlotFile implements AutoCloseable {
    /** A slot is no longer than the smallest part that a disk writes as a whole. */
    public static final int MAX_SLOT_BYTES = 512;

    private static final int BLOCK_BYTES = 4_096;

    private final Path path;

    /** No channel, since a thread that is interrupted while it uses one closes it. */
    private RandomAccessFile open;

    private boolean second;

    /** The file at that path, which need not be there. */
    public TwoSlotFile(Path path) {
        this.path = path;
    }

    /**
     * Both slots with the room behind them, whatever is written there; none if there is no file.
     *
     * @throws DurableFile.Unreadable if there is one and it cannot be read now
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
     * Makes the file anew with that in both slots, on disk when this returns.
     *
     * @throws DurableFile.Unwritable if it cannot be written; the file is as it was
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
     * Writes the slot whose turn it is. A process that is killed afterwards has lost nothing of it.
     *
     * @throws DurableFile.SyncFailed if it cannot be written, of which the whole home is told
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

    /** Puts what was written on disk for good; nothing before {@link #begin}. */
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

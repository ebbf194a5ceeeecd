package org.patronvault.core.keys;

import org.patronvault.core.keys.slot.SlotMaker;

/** The list of slots on disk. It has no MAC and may be an older version. Thread-safe. */
public final class SlotList {
    private final KeyFiles files;

    SlotList(KeyFiles files) {
        this.files = files;
    }

    /** Returns the number of the next slot. */
    public int next() {
        return files.nextSlotId();
    }

    /**
     * Raises the next number above {@code id}, so no new slot gets that number or a lower one.
     *
     * @throws org.patronvault.core.model.Refused if it cannot be written
     */
    public void numberAbove(int id) {
        int unused = files.locked(() -> files.numberAbove(id));
    }

    /** Makes sure that the file is on disk as it can be read now, even if its writer was interrupted. */
    public void sync() {
        files.sync();
    }

    /** Whether the ring on disk is sealed under that root. */
    public boolean isUnder(SlotMaker made) {
        return files.ring().isUnder(made.root(), made.rootKey());
    }
}

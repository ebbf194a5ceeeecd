package org.patronvault.keys;

/** The list of slots as it lies on disk, which nothing vouches for: it may be an older one. Safe for use by many threads. */
public final class SlotList {
    private final KeyFiles files;

    SlotList(KeyFiles files) {
        this.files = files;
    }

    /** The number of the slot to be made next. */
    public int next() {
        return files.nextSlotId();
    }

    /**
     * Has no slot made any more with that number or one below.
     *
     * @throws org.patronvault.model.Refused if it cannot be written
     */
    public void numberAbove(int id) {
        int unused = files.locked(() -> files.numberAbove(id));
    }

    /** Makes sure that it is on disk as it can be read, whatever interrupted who wrote it. */
    public void sync() {
        files.sync();
    }

    /** Whether the ring on disk is sealed under that root. */
    public boolean isUnder(SlotMaker made) {
        return files.ring().isUnder(made.root(), made.rootKey());
    }
}

package org.patronvault.core.index;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A cache of how many entries some terms had at the last read. It says where to probe first, and is never trusted. It
 * skips terms with few entries. If two terms share a slot, it keeps the later. Safe for use by many threads.
 */
public final class LastKnown {
    private static final int SLOT_BITS = 19;
    private static final int NUMBER_BITS = 28;
    private static final long FEW = 3;
    private static final long MOST = (1L << NUMBER_BITS) - 1;

    /** The first bits of a term's first label, and the number of its last entry. */
    private final AtomicLongArray slots = new AtomicLongArray(1 << SLOT_BITS);

    /** Returns the number of the last entry, as far as it is known; otherwise 0. */
    long last(byte[] firstLabel) {
        long head = ByteBuffer.wrap(firstLabel).getLong();
        long slot = slots.get(slot(head));
        return (slot ^ head) >>> NUMBER_BITS == 0 ? slot & MOST : 0;
    }

    void put(byte[] firstLabel, long last) {
        long head = ByteBuffer.wrap(firstLabel).getLong();
        if (last >= FEW && last < MOST) {
            slots.set(slot(head), (head & ~MOST) | last);
        }
    }

    private static int slot(long head) {
        return (int) head & ((1 << SLOT_BITS) - 1);
    }
}

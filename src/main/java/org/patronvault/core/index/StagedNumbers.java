package org.patronvault.core.index;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.function.ObjLongConsumer;

/**
 * A hash table of the last staged entry's number for each of many terms, by their first labels. It doubles as it grows.
 * For one thread.
 */
final class StagedNumbers {
    /** The memory of a slot, in bytes. At most three of four slots hold a term. */
    private static final int SLOT_BYTES = 2 * Long.BYTES + Integer.BYTES;

    private static final int FREE = -1;
    private static final int FIRST_SLOTS = 1 << 12;

    private long[] heads = new long[FIRST_SLOTS];
    private long[] tails = new long[FIRST_SLOTS];
    private int[] lasts = free(FIRST_SLOTS);
    private int size;

    /** Returns the numbers of the last entries of terms, from their turns. */
    static StagedNumbers of(Collection<Numbering.Turn> turns) {
        StagedNumbers lasts = new StagedNumbers();
        turns.forEach(turn -> lasts.put(turn.firstLabel(), turn.last()));
        return lasts;
    }

    /** Returns the number of terms that fit a memory size, in bytes. */
    static long mostTerms(long memory) {
        return most(Math.max(FIRST_SLOTS, Long.highestOneBit(memory / SLOT_BYTES)));
    }

    private static long most(long slots) {
        return slots / 4 * 3;
    }

    /** Returns the memory of the tables, in bytes. */
    long bytes() {
        return (long) heads.length * SLOT_BYTES;
    }

    private static int[] free(int slots) {
        int[] lasts = new int[slots];
        Arrays.fill(lasts, FREE);
        return lasts;
    }

    int size() {
        return size;
    }

    OptionalLong get(byte[] firstLabel) {
        ByteBuffer label = ByteBuffer.wrap(firstLabel);
        int slot = slot(label.getLong(0), label.getLong(Long.BYTES));
        return lasts[slot] == FREE ? OptionalLong.empty() : OptionalLong.of(lasts[slot]);
    }

    void put(byte[] firstLabel, long last) {
        ByteBuffer label = ByteBuffer.wrap(firstLabel);
        add(label.getLong(0), label.getLong(Long.BYTES), Math.toIntExact(last));
    }

    private void add(long head, long tail, int last) {
        put(head, tail, last);
        if (size > most(heads.length)) {
            grow();
        }
    }

    private void put(long head, long tail, int last) {
        int slot = slot(head, tail);
        size += lasts[slot] == FREE ? 1 : 0;
        heads[slot] = head;
        tails[slot] = tail;
        lasts[slot] = last;
    }

    /** Returns the slot where a label is, or would be. Labels are random, so their own bits spread them. */
    private int slot(long head, long tail) {
        int mask = heads.length - 1;
        int slot = (int) tail & mask;
        while (lasts[slot] != FREE && (heads[slot] != head || tails[slot] != tail)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    void forEach(ObjLongConsumer<byte[]> consumer) {
        for (int i = 0; i < lasts.length; i++) {
            if (lasts[i] != FREE) {
                byte[] label = ByteBuffer.allocate(EncryptedIndex.LABEL_BYTES)
                        .putLong(heads[i])
                        .putLong(tails[i])
                        .array();
                consumer.accept(label, lasts[i]);
            }
        }
    }

    /** Returns the numbers of terms that have more than one entry. */
    StagedNumbers ofSeveral() {
        StagedNumbers some = new StagedNumbers();
        for (int i = 0; i < lasts.length; i++) {
            if (lasts[i] > 0) {
                some.add(heads[i], tails[i], lasts[i]);
            }
        }
        return some;
    }

    private void grow() {
        long[] oldHeads = heads;
        long[] oldTails = tails;
        int[] oldLasts = lasts;
        heads = new long[2 * oldHeads.length];
        tails = new long[heads.length];
        lasts = free(heads.length);
        size = 0;
        for (int i = 0; i < oldHeads.length; i++) {
            if (oldLasts[i] != FREE) {
                put(oldHeads[i], oldTails[i], oldLasts[i]);
            }
        }
    }
}

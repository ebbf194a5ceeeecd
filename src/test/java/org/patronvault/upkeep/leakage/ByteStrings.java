package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A map from eight-byte strings to the patrons they belong to, for millions of strings. Strings of very many patrons
 * say nothing and count as nobody's. If there are too many strings, it keeps only those with a small hash. A string
 * that two patrons share is thus kept for both or neither. Not thread safe.
 */
final class ByteStrings {
    /** The length of a string. */
    static final int BYTES = Long.BYTES;

    private static final int NOBODY = -1;

    private final int most;
    private final int halvings;
    /** A filter with a bit for a part of each hash. It fits the cache and spares most searches. */
    private final long[] filter;

    private final List<BitSet> several = new ArrayList<>();
    private long[] keys = new long[1 << 12];
    private int[] owners = new int[1 << 12];
    private int size;

    /**
     * Creates a map in which a string of more than {@code most} patrons is nobody's.
     *
     * @param halvings one string in two to this power is kept
     * @param few whether to expect a hundred thousand strings, not a million
     */
    ByteStrings(int most, int halvings, boolean few) {
        this.filter = new long[few ? 1 << 15 : 1 << 18];
        this.most = most;
        this.halvings = halvings;
        Arrays.fill(owners, NOBODY);
    }

    /** Adds all strings in {@code bytes} for a patron. */
    void add(byte[] bytes, int patron) {
        StringSample.each(bytes, string -> add(string, patron));
    }

    /** Adds a string for a patron. */
    void add(long string, int patron) {
        if (!StringSample.isKept(string, halvings)) {
            return;
        }
        filter[filterAt(string)] |= 1L << filterBit(string);
        if (2 * size > keys.length) {
            grow();
        }
        int slot = slot(string);
        int owner = owners[slot];
        if (owner == NOBODY) {
            keys[slot] = string;
            owners[slot] = patron;
            size++;
        } else if (owner < NOBODY) {
            several.get(NOBODY - 1 - owner).set(patron);
        } else if (owner != patron) {
            BitSet both = new BitSet();
            both.set(owner);
            both.set(patron);
            owners[slot] = NOBODY - 1 - several.size();
            several.add(both);
        }
    }

    private int filterAt(long string) {
        return (int) (StringSample.hash(string) >>> 28) & (filter.length - 1);
    }

    /** A shift uses only the lowest six bits of its count. */
    private static long filterBit(long string) {
        return StringSample.hash(string) >>> 22;
    }

    private int slot(long string) {
        int mask = keys.length - 1;
        int slot = (int) (StringSample.hash(string) >>> (Integer.SIZE - 8)) & mask;
        while (owners[slot] != NOBODY && keys[slot] != string) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldOwners = owners;
        keys = new long[2 * oldKeys.length];
        owners = new int[keys.length];
        Arrays.fill(owners, NOBODY);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldOwners[i] != NOBODY) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                owners[slot] = oldOwners[i];
            }
        }
    }

    /** Adds to {@code found} the patrons of all strings in {@code bytes}. */
    void find(byte[] bytes, BitSet found) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + BYTES <= bytes.length; at++) {
            find(buffer.getLong(at), found);
        }
    }

    /** Adds to {@code found} the patrons of a string. */
    void find(long string, BitSet found) {
        if (!StringSample.isKept(string, halvings) || (filter[filterAt(string)] & 1L << filterBit(string)) == 0) {
            return;
        }
        int owner = owners[slot(string)];
        if (owner >= 0) {
            found.set(owner);
        } else if (owner < NOBODY && several.get(NOBODY - 1 - owner).cardinality() <= most) {
            found.or(several.get(NOBODY - 1 - owner));
        }
    }

    /** Returns the smallest hash of the strings in {@code bytes} that belong to several patrons, or 0 if none does. */
    long shared(byte[] bytes) {
        long[] least = new long[1];
        StringSample.each(bytes, string -> {
            if (StringSample.isKept(string, halvings) && owners[slot(string)] < NOBODY) {
                long hash = StringSample.hash(string) | 1;
                least[0] = least[0] == 0 || Long.compareUnsigned(hash, least[0]) < 0 ? hash : least[0];
            }
        });
        return least[0];
    }
}

package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Which patrons each string of eight bytes belongs to, for millions of strings. Strings that belong to very many say
 * nothing and are told of as nobody's. Where there are too many strings only those are kept whose hash is small: of
 * what two have in common the same are kept for both. Not for use by several threads.
 */
final class ByteStrings {
    /** How long the strings are. */
    static final int BYTES = Long.BYTES;

    private static final int NOBODY = -1;
    private static final long MIX = 0x9e3779b97f4a7c15L;

    private final int most;
    private final int halvings;
    /** A bit for some of a string's hash: small enough to be near at hand, it spares most searches. */
    private final long[] filter;

    private final List<BitSet> several = new ArrayList<>();
    private long[] keys = new long[1 << 12];
    private int[] owners = new int[1 << 12];
    private int size;

    /**
     * What belongs to more than {@code most} patrons is nobody's.
     *
     * @param halvings one in two to the power of that many strings is kept
     * @param few whether there will be a hundred thousand of them, and not a million
     */
    ByteStrings(int most, int halvings, boolean few) {
        this.filter = new long[few ? 1 << 15 : 1 << 18];
        this.most = most;
        this.halvings = halvings;
        Arrays.fill(owners, NOBODY);
    }

    /** Every eight bytes in a row among {@code bytes}. */
    static void each(byte[] bytes, LongConsumer then) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + BYTES <= bytes.length; at++) {
            then.accept(buffer.getLong(at));
        }
    }

    /** Whether the string is one of those that are kept where only so many are. */
    static boolean isKept(long string, int halvings) {
        return (string * MIX) >>> 1 >>> (Long.SIZE - 1 - halvings) == 0;
    }

    /** All strings among {@code bytes} belong to that patron. */
    void add(byte[] bytes, int patron) {
        each(bytes, string -> add(string, patron));
    }

    /** That string belongs to that patron. */
    void add(long string, int patron) {
        if (!isKept(string, halvings)) {
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
        return (int) ((string * MIX) >>> 28) & (filter.length - 1);
    }

    /** A shift takes the lowest six bits of what it is given. */
    private static long filterBit(long string) {
        return (string * MIX) >>> 22;
    }

    private int slot(long string) {
        int mask = keys.length - 1;
        int slot = (int) ((string * MIX) >>> (Integer.SIZE - 8)) & mask;
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

    /** Adds to {@code found} whom anything among {@code bytes} belongs to. */
    void find(byte[] bytes, BitSet found) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + BYTES <= bytes.length; at++) {
            find(buffer.getLong(at), found);
        }
    }

    /** Adds to {@code found} whom that string belongs to. */
    void find(long string, BitSet found) {
        if (!isKept(string, halvings) || (filter[filterAt(string)] & 1L << filterBit(string)) == 0) {
            return;
        }
        int owner = owners[slot(string)];
        if (owner >= 0) {
            found.set(owner);
        } else if (owner < NOBODY && several.get(NOBODY - 1 - owner).cardinality() <= most) {
            found.or(several.get(NOBODY - 1 - owner));
        }
    }

    /** The smallest hash of the strings among {@code bytes} that belong to several patrons; 0 if none does. */
    long shared(byte[] bytes) {
        long[] least = new long[1];
        each(bytes, string -> {
            if (isKept(string, halvings) && owners[slot(string)] < NOBODY) {
                long hash = string * MIX | 1;
                least[0] = least[0] == 0 || Long.compareUnsigned(hash, least[0]) < 0 ? hash : least[0];
            }
        });
        return least[0];
    }
}

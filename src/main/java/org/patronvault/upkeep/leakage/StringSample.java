package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * A sample of eight-byte strings that finds repeats among billions. It keeps those with a small hash, as many as fit,
 * so of two equal strings both are kept or neither. By chance two are equal once in ten thousand copies of a large
 * vault, and once in a million of a small one. Not thread safe.
 */
final class StringSample {
    private static final long MIX = 0x9e3779b97f4a7c15L;
    private static final int ROOM = 1 << 21;
    private static final int LASTING = ROOM / 8;

    private long[] kept = new long[1 << 10];
    private int size;
    private int halvings;
    private long seen;
    private long recurrences;

    /** Visits every eight consecutive bytes of {@code bytes}. */
    static void each(byte[] bytes, LongConsumer then) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + Long.BYTES <= bytes.length; at++) {
            then.accept(buffer.getLong(at));
        }
    }

    /** Returns a hash of a string that differs in its upper bits. */
    static long hash(long string) {
        return string * MIX;
    }

    /** Whether a sample that was halved so often keeps the string. */
    static boolean isKept(long string, int halvings) {
        return hash(string) >>> 1 >>> (Long.SIZE - 1 - halvings) == 0;
    }

    /** Adds every string in {@code bytes}. */
    void add(byte[] bytes) {
        each(bytes, this::add);
    }

    /** Adds a string. */
    void add(long string) {
        seen++;
        if (isKept(string, halvings)) {
            if (size == kept.length) {
                makeRoom();
            }
            // By now there may be room only for smaller hashes.
            if (isKept(string, halvings)) {
                kept[size++] = string;
            }
        }
    }

    private void makeRoom() {
        if (kept.length < ROOM) {
            kept = Arrays.copyOf(kept, 2 * kept.length);
            return;
        }
        while (size > ROOM / 4 * 3) {
            halve();
            if (size > ROOM / 4 * 3) {
                // If the strings are random, half of them are gone now. Otherwise one string repeats.
                takeOut();
            }
        }
    }

    private void halve() {
        halvings++;
        int left = 0;
        for (int i = 0; i < size; i++) {
            if (isKept(kept[i], halvings)) {
                kept[left++] = kept[i];
            }
        }
        size = left;
    }

    /** Shrinks the sample for {@link #common}. Call once, after which only that method may be called. */
    void thin() {
        takeOut();
        while (size > LASTING) {
            halve();
        }
        kept = Arrays.copyOf(kept, size);
    }

    /** Counts the strings in both thinned samples. */
    long common(StringSample other) {
        long common = 0;
        for (int i = 0, j = 0; i < size && j < other.size; ) {
            int order = Long.compare(kept[i], other.kept[j]);
            common += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return common;
    }

    /** Counts repeats and keeps one of each. */
    private void takeOut() {
        Arrays.parallelSort(kept, 0, size);
        int left = 0;
        for (int i = 0; i < size; i++) {
            if (i > 0 && kept[i] == kept[i - 1]) {
                recurrences++;
            } else {
                kept[left++] = kept[i];
            }
        }
        size = left;
    }

    /** The number of all strings. */
    long seen() {
        return seen;
    }

    /** One in this many was kept. */
    long oneIn() {
        return 1L << halvings;
    }

    /** How often a kept string had occurred before. */
    long recurrences() {
        takeOut();
        return recurrences;
    }
}

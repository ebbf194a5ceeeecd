package org.patronvault.upkeep.leakage;

import java.util.Arrays;

/**
 * Whether a string of eight bytes is there twice among billions: as many are kept as there is room for, those whose
 * hash is small, so that of two equal ones both are kept or neither. By chance two are equal once in ten thousand
 * copies of a large vault, and once in a million of a small one. Not for use by several threads.
 */
final class StringSample {
    private static final int ROOM = 1 << 21;
    private static final int LASTING = ROOM / 8;

    private long[] kept = new long[1 << 10];
    private int size;
    private int halvings;
    private long seen;
    private long recurrences;

    /** Every string among {@code bytes}. */
    void add(byte[] bytes) {
        ByteStrings.each(bytes, this::add);
    }

    /** That string. */
    void add(long string) {
        seen++;
        if (ByteStrings.isKept(string, halvings)) {
            if (size == kept.length) {
                makeRoom();
            }
            // There may be room by now only for those with a smaller hash.
            if (ByteStrings.isKept(string, halvings)) {
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
                // Half of what is random is gone by now; the rest is one string again and again.
                takeOut();
            }
        }
    }

    private void halve() {
        halvings++;
        int left = 0;
        for (int i = 0; i < size; i++) {
            if (ByteStrings.isKept(kept[i], halvings)) {
                kept[left++] = kept[i];
            }
        }
        size = left;
    }

    /** Keeps less, once, for {@link #common}: nothing is to be added any more, nor asked for but that. */
    void thin() {
        takeOut();
        while (size > LASTING) {
            halve();
        }
        kept = Arrays.copyOf(kept, size);
    }

    /** How many strings are in both, of those that are kept in both after they were thinned. */
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

    /** Counts those that are there again, and keeps one of each. */
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

    /** How many strings there were. */
    long seen() {
        return seen;
    }

    /** One in so many was looked at. */
    long oneIn() {
        return 1L << halvings;
    }

    /** How often one that was looked at had been there before. */
    long recurrences() {
        takeOut();
        return recurrences;
    }
}

package org.patronvault.log.view;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.model.PatronId;

/**
 * A stretch of the log that no block covers yet, as far as it was read: which patrons its entries name. Safe for use by
 * many threads, of which one adds.
 */
final class LogStretch {
    /**
     * An entry.
     *
     * @param month whose content key sealed its subjects, as yyyymm; 0 if it has none, or the key is destroyed
     */
    record Entry(long index, int month, List<PatronId> patrons, byte[] leafHash) {}

    /** The entries that may name a patron, of those before {@code end}. */
    record Found(List<Long> entries, long end) {}

    private final long first;
    private final long bound;
    private final int most;
    private final List<Long> strays = new ArrayList<>();
    private long[] patrons = new long[256];
    private int[] places = new int[256];
    private int size;
    private int counted;
    private int month;
    private long end;
    private byte[] lastLeaf = new byte[0];
    private boolean complete;

    /**
     * Creates an empty stretch.
     *
     * @param first the index of its first entry
     * @param bound the index before which it ends at the latest
     * @param most the number of entries with a key that completes it
     */
    LogStretch(long first, long bound, int most) {
        this.first = first;
        this.bound = Math.min(bound, first + Integer.MAX_VALUE);
        this.most = most;
        this.end = first;
    }

    /** Adds the next entries, up to the end of the stretch. */
    synchronized void add(List<Entry> entries) {
        for (Entry entry : entries) {
            if (month != 0 && entry.month() > month) {
                complete = true;
            }
            if (complete) {
                return;
            }
            add(entry);
            complete = counted == most || end == bound;
        }
    }

    private void add(Entry entry) {
        month = month == 0 ? entry.month() : month;
        counted += entry.month() == 0 ? 0 : 1;
        if (entry.month() == month) {
            entry.patrons().forEach(patron -> add(patron, entry.index()));
        } else if (entry.month() != 0) {
            strays.add(entry.index());
        }
        end = entry.index() + 1;
        lastLeaf = entry.leafHash();
    }

    private void add(PatronId patron, long index) {
        if (size == patrons.length) {
            patrons = Arrays.copyOf(patrons, 2 * size);
            places = Arrays.copyOf(places, 2 * size);
        }
        patrons[size] = patron.number();
        places[size] = (int) (index - first);
        size++;
    }

    long first() {
        return first;
    }

    /** Returns the index after the last entry read. */
    synchronized long end() {
        return end;
    }

    /** Returns the index before which the stretch ends at the latest. */
    long bound() {
        return bound;
    }

    /** Returns its month, as yyyymm; 0 if no entry has a key. */
    synchronized int month() {
        return month;
    }

    /** Whether it takes no more entries, so that its block can be written. */
    synchronized boolean isComplete() {
        return complete;
    }

    /** Returns the entries that may name a patron: those that do, and those of another month. */
    synchronized Found about(PatronId patron) {
        List<Long> found = new ArrayList<>(strays);
        for (int i = 0; i < size; i++) {
            if (patrons[i] == patron.number()) {
                found.add(first + places[i]);
            }
        }
        return new Found(found, end);
    }

    /** Returns the content of its block. {@code keys} stands for patrons. */
    synchronized ViewBlock.Content content(Prf keys) {
        Map<Long, Long> keyOf = new HashMap<>();
        LongStream.of(patrons).limit(size).forEach(patron -> keyOf.computeIfAbsent(patron, any -> key(keys, patron)));
        long[] sorted = keyOf.values().stream()
                .distinct()
                .mapToLong(key -> key)
                .sorted()
                .toArray();
        int[] ranks = new int[size];
        int[] next = new int[sorted.length + 1];
        for (int i = 0; i < size; i++) {
            ranks[i] = Arrays.binarySearch(sorted, keyOf.get(patrons[i]));
            next[ranks[i] + 1]++;
        }
        Arrays.parallelPrefix(next, Integer::sum);
        long[] pairKeys = new long[size];
        int[] pairPlaces = new int[size];
        // Places were added in ascending order, and stay so under each key.
        for (int i = 0; i < size; i++) {
            int at = next[ranks[i]]++;
            pairKeys[at] = sorted[ranks[i]];
            pairPlaces[at] = places[i];
        }
        int[] strayPlaces =
                strays.stream().mapToInt(index -> (int) (index - first)).toArray();
        return new ViewBlock.Content(end, lastLeaf, pairKeys, pairPlaces, strayPlaces);
    }

    /** Returns the key that stands for a patron: the first 8 bytes of the PRF. */
    static long key(Prf keys, long patron) {
        return ByteBuffer.wrap(keys.full(CanonicalBytes.plain().u64(patron).bytes()))
                .getLong();
    }
}

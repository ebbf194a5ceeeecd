package org.patronvault.patron.check;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.patronvault.core.model.PatronId;

/**
 * The index generations of the patrons that a sweep has read, so that a patron's row need not be read again for each of
 * its many entries. For one thread.
 */
public final class SeenGenerations {
    /** Bytes that one patron takes in memory. */
    public static final int BYTES_EACH = 2 * Long.BYTES;

    private static final int FIRST_ROOM = 1_024;

    private final long most;
    private long[] ids = new long[FIRST_ROOM];
    private long[] generations = new long[FIRST_ROOM];
    private int size;

    /** An empty set with room for so many patrons. */
    public SeenGenerations(long most) {
        this.most = most;
    }

    /** Adds the patrons just read. They come in the order of their ids, so a late patron is not remembered. */
    public void add(List<PatronIntegrityCheck.Snapshot> shown) {
        shown.stream()
                .sorted(Comparator.comparingLong(one -> one.id().number()))
                .forEach(one -> add(one.id().number(), one.indexGeneration()));
    }

    void add(long id, long generation) {
        if (size < most && (size == 0 || id > ids[size - 1])) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, 2 * size);
                generations = Arrays.copyOf(generations, 2 * size);
            }
            ids[size] = id;
            generations[size] = generation;
            size++;
        }
    }

    /** Whether that patron was read with that index generation. */
    boolean isOne(PatronId patron, long indexGeneration) {
        int at = Arrays.binarySearch(ids, 0, size, patron.number());
        return at >= 0 && generations[at] == indexGeneration;
    }
}

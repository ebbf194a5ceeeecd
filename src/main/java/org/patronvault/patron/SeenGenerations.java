package org.patronvault.patron;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.patronvault.model.PatronId;

/**
 * The index generations of patrons whom a sweep has met, as their rows said then, so that of the many entries of each the
 * row need not be looked up again. For one thread.
 */
public final class SeenGenerations {
    /** What one patron takes in memory, in bytes. */
    public static final int BYTES_EACH = 2 * Long.BYTES;

    private static final int FIRST_ROOM = 1_024;

    private final long most;
    private long[] ids = new long[FIRST_ROOM];
    private long[] generations = new long[FIRST_ROOM];
    private int size;

    /** Remembers at most so many. */
    public SeenGenerations(long most) {
        this.most = most;
    }

    /** Those who were met now; in the order of their ids, so that whoever comes late is not remembered. */
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

    /** Whether that patron was met, and of that index generation then. */
    boolean isOne(PatronId patron, long indexGeneration) {
        int at = Arrays.binarySearch(ids, 0, size, patron.number());
        return at >= 0 && generations[at] == indexGeneration;
    }
}

package org.patronvault.upkeep.leakage;

import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/** The counts of one column. For one thread. */
final class ColumnCounts {
    private final KnownColumns.Known known;
    private final SortedMap<Integer, Long> lengths = new TreeMap<>();
    private final StringSample strings = new StringSample();
    private long values;

    ColumnCounts(KnownColumns.Known known) {
        this.known = known;
    }

    /** Counts a value; null is no value. */
    void add(byte[] value) {
        if (value == null) {
            return;
        }
        values++;
        if (known.isRandom()) {
            byte[] random = known.random().apply(value);
            lengths.merge(random.length, 1L, Long::sum);
            strings.add(random);
        }
    }

    /** Returns the counts, once every row was added. */
    LeakageReport.Column column() {
        String kind = known.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new LeakageReport.Column(kind, known.why(), values, lengths, strings.recurrences());
    }
}

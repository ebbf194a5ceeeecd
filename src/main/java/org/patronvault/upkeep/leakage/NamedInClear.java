package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.patronvault.upkeep.leakage.KnownColumns.Kind;

/**
 * Whether anybody who is here, or was and is erased, is named by number in what stands in clear where nobody should be.
 * What looks random is left out: there are so many strings of it that one of millions of numbers might be among them.
 */
final class NamedInClear implements Look {
    private final EveryNumber numbers;
    private final Map<String, Long> rows = new TreeMap<>();
    private final Set<Long> found = new HashSet<>();

    NamedInClear(EveryNumber numbers) {
        this.numbers = numbers;
    }

    @Override
    public void row(Row row) {
        for (int i = 0; i < row.values().length; i++) {
            KnownColumns.Known known = row.layout().known(i);
            if (row.values()[i] != null && known.kind() != Kind.PATRON) {
                found.clear();
                find(known, row.values()[i]);
                if (found.size() > KnownColumns.patronsIn(row.layout().cell(i, row.values()))) {
                    rows.merge(row.layout().column(i), 1L, Long::sum);
                }
            }
        }
    }

    private void find(KnownColumns.Known known, byte[] value) {
        if (known.kind() == Kind.UNKNOWN) {
            numbers.findDigits(value, found);
            return;
        }
        byte[] random = known.isRandom() ? known.random().apply(value) : new byte[0];
        if (value.length - random.length >= Long.BYTES) {
            int at = at(value, random);
            find(Arrays.copyOf(value, at), found);
            find(Arrays.copyOfRange(value, at + random.length, value.length), found);
        }
    }

    private void find(byte[] clear, Set<Long> into) {
        numbers.findBytes(clear, into);
        numbers.findDigits(clear, into);
    }

    /** Where the part begins that looks random; at the end of what is clear if there is none. */
    private static int at(byte[] value, byte[] random) {
        int at = value.length - random.length;
        while (at > 0 && !Arrays.equals(value, at, at + random.length, random, 0, random.length)) {
            at--;
        }
        return at;
    }

    /** How many there are who might have been named. */
    int looked() {
        return numbers.size();
    }

    /** In how many rows of each column somebody is named. */
    Map<String, Long> rows() {
        return rows;
    }
}

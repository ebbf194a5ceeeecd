package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.patronvault.upkeep.leakage.KnownColumns.Kind;

/**
 * The search for numbers of present and erased patrons in unencrypted values that should have none. Random-looking
 * values are left out: among so many strings one of millions of numbers might occur by chance.
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
                if (found.size() > Named.patronsIn(row.layout().cell(i, row.values()))) {
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

    /** The start of the random-looking part, or the end if there is none. */
    private static int at(byte[] value, byte[] random) {
        int at = value.length - random.length;
        while (at > 0 && !Arrays.equals(value, at, at + random.length, random, 0, random.length)) {
            at--;
        }
        return at;
    }

    /** How many patrons were searched for. */
    int looked() {
        return numbers.size();
    }

    /** The number of rows, by column, that name a patron. */
    Map<String, Long> rows() {
        return rows;
    }
}

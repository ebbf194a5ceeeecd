package org.patronvault.core.log.entry;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.LogRows.Range;
import org.patronvault.core.store.table.Tx;

/**
 * The future months that the log has entries of, which shows that a clock was ahead. Found without a key, by an index
 * over the time.
 */
public final class FutureMonths {
    private static final YearMonth END = YearMonth.of(9999, 12);

    private final Tx tx;
    private final SortedSet<YearMonth> found = new TreeSet<>();

    private FutureMonths(Tx tx) {
        this.tx = tx;
    }

    /** Returns the months after the month of {@code now}, in UTC. */
    public static SortedSet<YearMonth> in(Tx tx, Instant now) {
        FutureMonths months = new FutureMonths(tx);
        months.find(YearMonth.from(now.atOffset(ZoneOffset.UTC)).plusMonths(1), END);
        return months.found;
    }

    /** Reads one entry of those months, then searches the months before and after it. */
    private void find(YearMonth from, YearMonth end) {
        if (from.isBefore(end)) {
            tx.log().stretch(begin(from), begin(end)).flatMap(this::first).ifPresent(month -> {
                if (month.isBefore(from) || !month.isBefore(end)) {
                    throw new IntegrityException("access log: an entry's time is not that of its index");
                }
                found.add(month);
                find(from, month);
                find(month.plusMonths(1), end);
            });
        }
    }

    private Optional<YearMonth> first(Range entries) {
        return tx.log()
                .leaf(entries.first())
                .map(leaf -> YearMonth.from(Leaf.parse(leaf).event().time().atOffset(ZoneOffset.UTC)));
    }

    private static byte[] begin(YearMonth month) {
        return CanonicalBytes.plain()
                .u64(month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli())
                .bytes();
    }
}

package org.patronvault.log.count;

import java.time.YearMonth;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.SealedFact;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The number of records opened and erased in each month (UTC), in the entries before {@code to} (format.md, "Counts by
 * month"). A closed month never changes. If a clock that was set back adds entries to it later, they count for the
 * first open month.
 *
 * @param to number of entries counted
 * @param root of the tree of those entries
 * @param closed the last closed month, as yyyymm; 0 if none
 * @param checkpoint the note signed at the close; empty if none
 * @param months the months with entries
 */
public record MonthCounts(long to, byte[] root, int closed, String checkpoint, SortedMap<Integer, Month> months) {
    static final String FACT = "log-counts";

    private static final SealedFact STORED = new SealedFact(FACT);
    private static final int ROOT_BYTES = 32;

    /** Empty counts. */
    public static final MonthCounts NOTHING = new MonthCounts(0, new byte[ROOT_BYTES], 0, "", new TreeMap<>());

    /**
     * The counts of one month.
     *
     * @param opened entries by which somebody outside the vault saw patron data
     * @param erased entries by which patrons were erased, for the first time
     */
    public record Month(long opened, long erased) {
        static final Month EMPTY = new Month(0, 0);

        private Month with(AccessEvent event) {
            return new Month(opened + (isOpening(event) ? 1 : 0), erased + (isErasure(event) ? 1 : 0));
        }
    }

    public MonthCounts {
        root = root.clone();
        months = Collections.unmodifiableSortedMap(new TreeMap<>(months));
    }

    /**
     * Whether an entry counts as an opening. An export has the vault's own purpose, since nobody may name that purpose,
     * and yet others see what it opens. Packages of a disclosure case are counted by case, since a court may forbid to
     * mention a case.
     */
    static boolean isOpening(AccessEvent event) {
        return event.outcome() == Outcome.DISCLOSED
                && event.act() != ActKind.DISCLOSURE
                && event.purpose()
                        .filter(purpose -> Purpose.VAULTS_OWN.contains(purpose) && !purpose.equals(Purpose.EXPORT))
                        .isEmpty();
    }

    /** Whether an entry counts as an erasure. The vault's automatic erasures after a restore repeat earlier ones. */
    private static boolean isErasure(AccessEvent event) {
        return event.outcome() == Outcome.ERASED
                && event.act() == ActKind.ERASE
                && event.actor().kind() != Actor.Kind.VAULT;
    }

    /** Returns the counts in a snapshot, if this vault made them. */
    static Optional<MonthCounts> read(Tx tx, UnsealedKeys keys) {
        return STORED.read(tx, keys, MonthCounts::parse);
    }

    private static MonthCounts parse(CanonicalReader in) {
        long to = in.u64();
        byte[] root = in.raw(ROOT_BYTES);
        int closed = (int) in.u32();
        String checkpoint = in.lpString();
        SortedMap<Integer, Month> months = new TreeMap<>();
        while (in.remaining() > 0) {
            months.put((int) in.u32(), new Month(in.u64(), in.u64()));
        }
        return new MonthCounts(to, root, closed, checkpoint, months);
    }

    /** Writes the counts. */
    void write(WriteTx tx, UnsealedKeys keys) {
        CanonicalBytes plain =
                CanonicalBytes.plain().u64(to).raw(root).u32(closed).lp(checkpoint);
        months.forEach((month, counts) -> plain.u32(month).u64(counts.opened()).u64(counts.erased()));
        String unused = STORED.write(tx, keys, plain);
    }

    /** Returns the month that an entry counts for. */
    int monthOf(AccessEvent event) {
        int month = Leaf.monthOf(event.time());
        return month > closed ? month : number(yearMonth(closed).plusMonths(1));
    }

    /** Adds an entry to the months that are being counted. */
    void count(AccessEvent event, SortedMap<Integer, Month> into) {
        into.merge(monthOf(event), Month.EMPTY.with(event), (one, other) -> one.with(event));
    }

    /** Returns these counts, extended to another entry. */
    MonthCounts at(long next, byte[] nextRoot, SortedMap<Integer, Month> sum) {
        return new MonthCounts(next, nextRoot, closed, checkpoint, sum);
    }

    /** Returns these counts, with the months up to {@code last} closed. */
    MonthCounts closing(YearMonth last, String note) {
        return new MonthCounts(to, root, number(last), note, months);
    }

    /** Returns a month's number, as yyyymm. */
    static int number(YearMonth month) {
        return month.getYear() * 100 + month.getMonthValue();
    }

    /** Returns the month of a yyyymm number. */
    public static YearMonth yearMonth(int number) {
        return YearMonth.of(number / 100, number % 100);
    }

    /** Returns the counts of a month, zero if it has no entries. */
    public Month in(YearMonth month) {
        return months.getOrDefault(number(month), Month.EMPTY);
    }
}

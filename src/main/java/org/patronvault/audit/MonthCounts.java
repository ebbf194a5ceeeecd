package org.patronvault.audit;

import java.time.YearMonth;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.Actor;
import org.patronvault.model.Purpose;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * How often records were opened and erased in each month (UTC), of the entries before {@code to} (format.md, "Counts by
 * month"). A month that is closed stays as it is: what a clock that was set back puts into it later counts for the first
 * one that is open.
 *
 * @param to how many entries were counted
 * @param root of the tree of those
 * @param closed the last month that is, as yyyymm; 0 if none is
 * @param checkpoint the note that was signed when it was closed; empty if none is
 * @param months of which there are entries
 */
public record MonthCounts(long to, byte[] root, int closed, String checkpoint, SortedMap<Integer, Month> months) {
    static final String FACT = "log-counts";

    private static final SealedFact STORED = new SealedFact(FACT);
    private static final int ROOT_BYTES = 32;

    /** Nothing counted. */
    public static final MonthCounts NOTHING = new MonthCounts(0, new byte[ROOT_BYTES], 0, "", new TreeMap<>());

    /**
     * A month.
     *
     * @param opened entries by which somebody outside the vault saw something of patrons
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
     * An export is the vault's own purpose because nobody may name it, and yet others get to see what it opens. What is
     * handed out in a disclosure case is counted by cases, since a court may forbid to speak of one.
     */
    static boolean isOpening(AccessEvent event) {
        return event.outcome() == Outcome.DISCLOSED
                && event.act() != Act.DISCLOSURE
                && event.purpose()
                        .filter(purpose -> Purpose.VAULTS_OWN.contains(purpose) && !purpose.equals(Purpose.EXPORT))
                        .isEmpty();
    }

    /** Whom the vault erases by itself, somebody had erased before a backup was put back. */
    private static boolean isErasure(AccessEvent event) {
        return event.outcome() == Outcome.ERASED
                && event.act() == Act.ERASE
                && event.actor().kind() != Actor.Kind.VAULT;
    }

    /** The counts that snapshot shows, if they are the vault's own. */
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

    /** Puts them down. */
    void write(WriteTx tx, UnsealedKeys keys) {
        CanonicalBytes plain =
                CanonicalBytes.plain().u64(to).raw(root).u32(closed).lp(checkpoint);
        months.forEach((month, counts) -> plain.u32(month).u64(counts.opened()).u64(counts.erased()));
        String unused = STORED.write(tx, keys, plain);
    }

    /** The month that an entry counts for. */
    int monthOf(AccessEvent event) {
        int month = Leaf.monthOf(event.time());
        return month > closed ? month : number(yearMonth(closed).plusMonths(1));
    }

    /** Takes an entry up into months that are being counted. */
    void count(AccessEvent event, SortedMap<Integer, Month> into) {
        into.merge(monthOf(event), Month.EMPTY.with(event), (one, other) -> one.with(event));
    }

    /** These, with what was counted up to another entry. */
    MonthCounts at(long next, byte[] nextRoot, SortedMap<Integer, Month> sum) {
        return new MonthCounts(next, nextRoot, closed, checkpoint, sum);
    }

    /** These, with the months up to that one closed. */
    MonthCounts closing(YearMonth last, String note) {
        return new MonthCounts(to, root, number(last), note, months);
    }

    /** A month as it is written here. */
    static int number(YearMonth month) {
        return month.getYear() * 100 + month.getMonthValue();
    }

    /** A month that is written here as yyyymm. */
    public static YearMonth yearMonth(int number) {
        return YearMonth.of(number / 100, number % 100);
    }

    /** What is said of a month; nothing where it has no entries. */
    public Month in(YearMonth month) {
        return months.getOrDefault(number(month), Month.EMPTY);
    }
}

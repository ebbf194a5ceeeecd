package org.patronvault.log.view;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.SealedFact;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ViewRows;
import org.patronvault.core.store.table.WriteTx;

/**
 * The progress of the view by patron (format.md, "View by patron"). The view holds every entry before {@code to}. Each
 * month has a row count and a digest, and a second pair for a piece that is not complete yet. The state is stored
 * sealed, since a multiset hash by XOR holds only as long as nobody sees it change.
 *
 * <p>A state that was edited, or that is ahead of the log, counts as none. After a rollback to an older state, the view
 * is filled from there again, and the state matches only the rows of its time.
 */
public record ViewState(long to, SortedMap<Integer, Month> months, SortedMap<Integer, Month> begun) {
    public static final String FACT = "log-view";

    private static final SealedFact STORED = new SealedFact(FACT, true);

    private static final int DIGEST_BYTES = 32;

    static final ViewState NOTHING = new ViewState(0, new TreeMap<>(), new TreeMap<>());

    /** The rows of a month: their number, and the XOR of one keyed element for each. */
    record Month(long rows, byte[] digest) {
        static final Month EMPTY = new Month(0, new byte[DIGEST_BYTES]);

        /** Returns this month with more rows. */
        Month with(UnsealedKeys keys, Collection<ViewRows.Entry> more) {
            byte[] sum = digest.clone();
            for (ViewRows.Entry row : more) {
                byte[] element = keys.rows().newest().mac(FACT, row.label(), row.month(), row.value());
                for (int i = 0; i < DIGEST_BYTES; i++) {
                    sum[i] ^= element[i];
                }
            }
            return new Month(rows + more.size(), sum);
        }

        boolean is(Month other) {
            return rows == other.rows && Arrays.equals(digest, other.digest);
        }
    }

    public ViewState {
        months = Collections.unmodifiableSortedMap(new TreeMap<>(months));
        begun = Collections.unmodifiableSortedMap(new TreeMap<>(begun));
    }

    /** Returns the state in a snapshot, if this vault wrote it for this log. */
    static Optional<ViewState> read(Tx tx, UnsealedKeys keys) {
        return STORED.read(tx, keys, ViewState::parse).filter(state -> state.to() <= LogReader.size(tx));
    }

    private static ViewState parse(CanonicalReader in) {
        long to = in.u64();
        SortedMap<Integer, Month> months = new TreeMap<>();
        SortedMap<Integer, Month> begun = new TreeMap<>();
        while (in.remaining() > 0) {
            int month = (int) in.u32();
            months.put(month, new Month(in.u64(), in.raw(DIGEST_BYTES)));
            begun.put(month, new Month(in.u64(), in.raw(DIGEST_BYTES)));
        }
        return new ViewState(to, months, begun);
    }

    /** Writes the state. Returns its stored text. */
    String write(WriteTx tx, UnsealedKeys keys) {
        CanonicalBytes plain = CanonicalBytes.plain().u64(to);
        months.forEach((month, rows) -> {
            Month part = begun.getOrDefault(month, Month.EMPTY);
            plain.u32(month)
                    .u64(rows.rows())
                    .raw(rows.digest())
                    .u64(part.rows())
                    .raw(part.digest());
        });
        return STORED.write(tx, keys, plain);
    }

    /** Returns the rows of a month. */
    Month in(int month) {
        return months.getOrDefault(month, Month.EMPTY);
    }

    /** Returns this state, advanced to another entry with more rows. An incomplete piece is then done. */
    ViewState at(long next, UnsealedKeys keys, SortedMap<Integer, ? extends Collection<ViewRows.Entry>> more) {
        return new ViewState(next, sum(months, keys, more), new TreeMap<>());
    }

    /** Returns this state, with some rows of an incomplete piece. */
    ViewState begun(UnsealedKeys keys, SortedMap<Integer, ? extends Collection<ViewRows.Entry>> some) {
        return new ViewState(to, sum(months, keys, some), sum(begun, keys, some));
    }

    private static SortedMap<Integer, Month> sum(
            SortedMap<Integer, Month> months,
            UnsealedKeys keys,
            SortedMap<Integer, ? extends Collection<ViewRows.Entry>> more) {
        SortedMap<Integer, Month> sum = new TreeMap<>(months);
        more.forEach((month, rows) ->
                sum.put(month, months.getOrDefault(month, Month.EMPTY).with(keys, rows)));
        return sum;
    }

    /** Whether some rows of an incomplete piece are there. */
    boolean isBegun() {
        return begun.values().stream().anyMatch(part -> part.rows() > 0);
    }

    /** Whether the rows of the incomplete piece are these rows. */
    boolean isBegunWith(UnsealedKeys keys, SortedMap<Integer, ? extends Collection<ViewRows.Entry>> there) {
        SortedMap<Integer, Month> sum = sum(new TreeMap<>(), keys, there);
        return months.keySet().stream()
                .allMatch(month -> begun.getOrDefault(month, Month.EMPTY).is(sum.getOrDefault(month, Month.EMPTY)));
    }

    /** Returns this state, without the months whose key is destroyed. */
    ViewState withoutDead(UnsealedKeys keys) {
        SortedMap<Integer, Month> living = new TreeMap<>(months);
        living.keySet().removeIf(month -> !keys.hasContentKey(month));
        SortedMap<Integer, Month> livingBegun = new TreeMap<>(begun);
        livingBegun.keySet().retainAll(living.keySet());
        return new ViewState(to, living, livingBegun);
    }
}

package org.patronvault.audit;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.store.Tx;
import org.patronvault.store.ViewRows;
import org.patronvault.store.WriteTx;

/**
 * How far the view by patron is (format.md, "View by patron"): every entry before {@code to} is in it, and of each month
 * it has so many rows with such a digest. It is stored sealed, since a multiset hash by XOR holds only as long as nobody
 * sees it change. One that was edited, or that is ahead of the log, counts as none; an older one that was put back makes
 * the view be filled from there once more, and fits no rows but those of its time.
 */
record ViewState(long to, SortedMap<Integer, Month> months) {
    static final String FACT = "log-view";

    private static final SealedFact STORED = new SealedFact(FACT);

    private static final int DIGEST_BYTES = 32;

    static final ViewState NOTHING = new ViewState(0, new TreeMap<>());

    /** The rows of a month: how many, and the XOR of one keyed element for each. */
    record Month(long rows, byte[] digest) {
        static final Month EMPTY = new Month(0, new byte[DIGEST_BYTES]);

        /** This, with more rows. */
        Month with(UnsealedKeys keys, Collection<ViewRows.Entry> more) {
            byte[] sum = digest.clone();
            for (ViewRows.Entry row : more) {
                byte[] element = keys.rows().mac(FACT, row.label(), row.month(), row.value());
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

    ViewState {
        months = Collections.unmodifiableSortedMap(new TreeMap<>(months));
    }

    /** The state that snapshot shows, if it is one of the vault's own and of this log. */
    static Optional<ViewState> read(Tx tx, UnsealedKeys keys) {
        return STORED.read(tx, keys, ViewState::parse).filter(state -> state.to() <= LogReader.size(tx));
    }

    private static ViewState parse(CanonicalReader in) {
        long to = in.u64();
        SortedMap<Integer, Month> months = new TreeMap<>();
        while (in.remaining() > 0) {
            months.put((int) in.u32(), new Month(in.u64(), in.raw(DIGEST_BYTES)));
        }
        return new ViewState(to, months);
    }

    /** Puts it down; returns how it reads there. */
    String write(WriteTx tx, UnsealedKeys keys) {
        CanonicalBytes plain = CanonicalBytes.plain().u64(to);
        months.forEach((month, rows) -> plain.u32(month).u64(rows.rows()).raw(rows.digest()));
        return STORED.write(tx, keys, plain);
    }

    /** The rows of that month. */
    Month in(int month) {
        return months.getOrDefault(month, Month.EMPTY);
    }

    /** This, gone on to another entry with more rows. */
    ViewState at(long next, UnsealedKeys keys, SortedMap<Integer, ? extends Collection<ViewRows.Entry>> more) {
        SortedMap<Integer, Month> sum = new TreeMap<>(months);
        more.forEach((month, rows) -> sum.put(month, in(month).with(keys, rows)));
        return new ViewState(next, sum);
    }

    /** This, without the months whose key is gone. */
    ViewState withoutDead(UnsealedKeys keys) {
        SortedMap<Integer, Month> living = new TreeMap<>(months);
        living.keySet().removeIf(month -> !keys.hasContentKey(month));
        return new ViewState(to, living);
    }
}

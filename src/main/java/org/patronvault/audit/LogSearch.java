package org.patronvault.audit;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.patronvault.audit.LogReader.Entry;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.store.LogRows;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;

/**
 * Finds entries of the log by what they say. Whoever calls has asked the policy and logged it. Reads a stretch at a
 * time, each from a snapshot of its own, so that however long it takes nobody who writes is in its way.
 */
public final class LogSearch {
    /** The most entries looked at for one answer. */
    private static final int LOOKED_AT = 200_000;

    private static final int AT_ONCE = 1_000;

    /**
     * Entries, oldest first.
     *
     * @param next below which entry to go on; empty if there is nothing more
     */
    public record Found(List<Entry> entries, OptionalLong next) {}

    /** Which entries come into question: those that name a patron, or all of a stretch. */
    private record Places(Optional<NavigableSet<Long>> named, long first, long end) {

        /** The last ones before that, ascending. */
        private List<Long> below(long before) {
            Deque<Long> last = new ArrayDeque<>();
            if (named.isPresent()) {
                for (long index : named.get().headSet(before, false).descendingSet()) {
                    if (last.size() == AT_ONCE) {
                        break;
                    }
                    last.addFirst(index);
                }
            } else {
                long top = Math.min(before, end);
                for (long index = top - 1; index >= Math.max(first, top - AT_ONCE); index--) {
                    last.addFirst(index);
                }
            }
            return List.copyOf(last);
        }
    }

    private final Store store;
    private final KeyCustody custody;

    LogSearch(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /**
     * The newest entries that fit, below that index: at most {@code limit}, and of those looked at only so many that the
     * answer does not take long.
     */
    public Found newest(LogQuery query, long before, int limit) {
        Places places = places(query);
        Deque<Entry> found = new ArrayDeque<>();
        long at = before;
        int looked = 0;
        List<Long> asked = places.below(at);
        while (!asked.isEmpty() && found.size() < limit && looked < LOOKED_AT) {
            List<Entry> fit = fitting(query, asked);
            looked += asked.size();
            at = asked.get(0);
            for (int i = fit.size() - 1; i >= 0; i--) {
                if (found.size() == limit) {
                    at = fit.get(i).index() + 1;
                    break;
                }
                found.addFirst(fit.get(i));
            }
            asked = places.below(at);
        }
        return new Found(List.copyOf(found), asked.isEmpty() ? OptionalLong.empty() : OptionalLong.of(at));
    }

    /** Passes every entry on that fits, oldest first, of the log as it is now. */
    public void forEach(LogQuery query, Consumer<Entry> action) {
        Places places = places(query);
        if (places.named().isPresent()) {
            List<Long> all = List.copyOf(places.named().get());
            for (int from = 0; from < all.size(); from += AT_ONCE) {
                fitting(query, all.subList(from, Math.min(from + AT_ONCE, all.size())))
                        .forEach(action);
            }
        } else {
            for (long from = places.first(); from < places.end(); from += AT_ONCE) {
                fitting(query, from, Math.min(from + AT_ONCE, places.end())).forEach(action);
            }
        }
    }

    private Places places(LogQuery query) {
        if (query.patron().isPresent()) {
            NavigableSet<Long> named =
                    new PatronView(store, custody).about(query.patron().get());
            return new Places(Optional.of(named), 0, 0);
        }
        return store.read(tx -> {
            long size = LogReader.size(tx);
            if (query.since().isEmpty() && query.until().isEmpty()) {
                return new Places(Optional.empty(), 0, size);
            }
            Instant since = query.since().orElse(Instant.EPOCH);
            Optional<LogRows.Stretch> stretch = tx.log()
                    .stretch(u64(since), query.until().map(LogSearch::u64).orElse(AFTER_ALL));
            return stretch.map(one -> new Places(Optional.empty(), one.first(), Math.min(size, one.last() + 1)))
                    .orElse(new Places(Optional.empty(), 0, 0));
        });
    }

    private static final byte[] AFTER_ALL = {(byte) 0xff, (byte) 0xff};

    private static byte[] u64(Instant time) {
        return CanonicalBytes.plain().u64(Math.max(0, time.toEpochMilli())).bytes();
    }

    private List<Entry> fitting(LogQuery query, List<Long> indices) {
        if (indices.get(indices.size() - 1) - indices.get(0) == indices.size() - 1) {
            return fitting(query, indices.get(0), indices.get(indices.size() - 1) + 1);
        }
        return store.read(tx -> {
            UnsealedKeys keys = custody.keys();
            List<Entry> fit = new ArrayList<>();
            for (long index : indices) {
                add(fit, query, keys, index, tx.log().leaf(index).orElseThrow(LogReader::missing));
            }
            return fit;
        });
    }

    private List<Entry> fitting(LogQuery query, long from, long to) {
        return store.read(tx -> fitting(tx, query, from, to));
    }

    private List<Entry> fitting(Tx tx, LogQuery query, long from, long to) {
        UnsealedKeys keys = custody.keys();
        List<Entry> fit = new ArrayList<>();
        tx.log().forEachLeaf(from, to, (index, leaf) -> add(fit, query, keys, index, leaf));
        return fit;
    }

    private static void add(List<Entry> fit, LogQuery query, UnsealedKeys keys, long index, byte[] leaf) {
        if (query.fitsInClear(Leaf.parse(leaf).event())) {
            AccessEvent event = LogReader.open(keys, leaf);
            if (query.fitsSealed(event)) {
                fit.add(new Entry(index, event));
            }
        }
    }
}

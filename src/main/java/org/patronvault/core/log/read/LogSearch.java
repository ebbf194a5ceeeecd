package org.patronvault.core.log.read;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.LogQuery;
import org.patronvault.core.log.read.LogReader.Entry;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogRows;

/**
 * A search for log entries by their content. Callers must ask the policy and log the access first. It reads a stretch
 * at a time, each from its own snapshot, so a long search never blocks a writer.
 */
public final class LogSearch {
    /** The most entries read for one answer. */
    private static final int LOOKED_AT = 200_000;

    private static final int AT_ONCE = 1_000;

    /**
     * The found entries, oldest first.
     *
     * @param next the index below which to go on; empty if there is nothing more
     * @param unreadable entries that were changed, so that nobody knows whether they match; {@code log verify} reports
     *     them too
     */
    public record Result(List<Entry> entries, OptionalLong next, List<Long> unreadable) {}

    /** The entries found in one stretch. */
    private record RangeResult(List<Entry> entries, List<Long> unreadable) {
        private RangeResult() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        /** Records missing entries as unreadable. */
        private void missing(long from, long to) {
            for (long index = from; index < to; index++) {
                unreadable.add(index);
            }
        }
    }

    /** The candidate entries: those that may name a patron, or all of a stretch. */
    private record Places(Optional<NavigableSet<Long>> named, long first, long end) {

        /** Returns the last candidates before an index, ascending. */
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
    private final Optional<PatronEntryFinder> finder;
    private final Predicate<AccessEvent> hidden;

    /**
     * Creates a search.
     *
     * @param finder if empty, a search for a patron opens every entry
     */
    LogSearch(Store store, KeyCustody custody, Optional<PatronEntryFinder> finder, Predicate<AccessEvent> hidden) {
        this.store = store;
        this.custody = custody;
        this.finder = finder;
        this.hidden = hidden;
    }

    /** Returns this search without the given entries. Neither its results nor its next index reveal them. */
    public LogSearch without(Predicate<AccessEvent> entries) {
        return new LogSearch(store, custody, finder, entries);
    }

    /**
     * Returns the newest matching entries below an index, at most {@code limit}. Reads only as many as keep the answer
     * fast.
     */
    public Result newest(LogQuery query, long before, int limit) {
        Places places = places(query);
        Deque<Entry> found = new ArrayDeque<>();
        List<Long> unreadable = new ArrayList<>();
        long at = before;
        int looked = 0;
        List<Long> asked = places.below(at);
        while (!asked.isEmpty() && found.size() < limit && looked < LOOKED_AT) {
            RangeResult read = fitting(query, asked);
            unreadable.addAll(read.unreadable());
            List<Entry> fit = read.entries();
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
        return new Result(List.copyOf(found), asked.isEmpty() ? OptionalLong.empty() : OptionalLong.of(at), unreadable);
    }

    /**
     * Passes on every matching entry of the log as it is now, oldest first.
     *
     * @param unreadable takes the indices of entries that were changed
     */
    public void forEach(LogQuery query, Consumer<Entry> action, LongConsumer unreadable) {
        Places places = places(query);
        long end = places.named().isPresent() ? places.named().get().size() : places.end();
        List<Long> named = places.named().map(List::copyOf).orElse(List.of());
        for (long from = places.first(); from < end; from += AT_ONCE) {
            long to = Math.min(from + AT_ONCE, end);
            RangeResult fit =
                    named.isEmpty() ? fitting(query, from, to) : fitting(query, named.subList((int) from, (int) to));
            fit.unreadable().forEach(unreadable::accept);
            fit.entries().forEach(action);
        }
    }

    private Places places(LogQuery query) {
        if (query.patron().isPresent() && finder.isPresent()) {
            return new Places(finder.map(known -> known.about(query.patron().get())), 0, 0);
        }
        return store.read(tx -> {
            long size = LogReader.size(tx);
            if (query.since().isEmpty() && query.until().isEmpty()) {
                return new Places(Optional.empty(), 0, size);
            }
            Instant since = query.since().orElse(Instant.EPOCH);
            Optional<LogRows.Range> stretch = tx.log()
                    .stretch(u64(since), query.until().map(LogSearch::u64).orElse(AFTER_ALL));
            return stretch.map(one -> new Places(Optional.empty(), one.first(), Math.min(size, one.last() + 1)))
                    .orElse(new Places(Optional.empty(), 0, 0));
        });
    }

    private static final byte[] AFTER_ALL = {(byte) 0xff, (byte) 0xff};

    private static byte[] u64(Instant time) {
        return CanonicalBytes.plain().u64(Math.max(0, time.toEpochMilli())).bytes();
    }

    private void add(RangeResult fit, LogQuery query, UnsealedKeys keys, long index, byte[] leaf) {
        try {
            if (query.fitsInClear(Leaf.parse(leaf).event())) {
                AccessEvent event = LogReader.open(keys, leaf);
                if (query.fitsSealed(event) && !hidden.test(event)) {
                    fit.entries().add(new Entry(index, event));
                }
            }
        } catch (IntegrityException e) {
            fit.unreadable().add(index);
        }
    }

    private RangeResult fitting(LogQuery query, List<Long> indices) {
        if (indices.get(indices.size() - 1) - indices.get(0) == indices.size() - 1) {
            return fitting(query, indices.get(0), indices.get(indices.size() - 1) + 1);
        }
        return store.read(tx -> {
            LogReader.size(tx);
            UnsealedKeys keys = custody.keys();
            RangeResult fit = new RangeResult();
            for (long index : indices) {
                tx.log()
                        .leaf(index)
                        .ifPresentOrElse(
                                leaf -> add(fit, query, keys, index, leaf), () -> fit.missing(index, index + 1));
            }
            return fit;
        });
    }

    private RangeResult fitting(LogQuery query, long from, long to) {
        return store.read(tx -> {
            // The log first: the ring then has the key of every month in it.
            LogReader.size(tx);
            UnsealedKeys keys = custody.keys();
            RangeResult fit = new RangeResult();
            long[] next = {from};
            tx.log().forEachLeaf(from, to, (index, leaf) -> {
                fit.missing(next[0], index);
                add(fit, query, keys, index, leaf);
                next[0] = index + 1;
            });
            fit.missing(next[0], to);
            return fit;
        });
    }
}

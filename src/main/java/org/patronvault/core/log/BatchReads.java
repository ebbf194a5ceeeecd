package org.patronvault.core.log;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.log.entry.LatestEntryFacts;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The rows that the acts of one batch look up, read together: once for each kind of rows. Where a round trip to the
 * database costs time they are read before the lock, and hold if nothing was written since. For one batch and one
 * thread.
 */
final class BatchReads {
    private final Map<Reads.Source<?, ?>, Map<Object, Object>> found = new HashMap<>();
    private final Map<Reads<?, ?>, IntegrityException> damaged = new HashMap<>();
    private final boolean remote;
    private long readAt = Long.MIN_VALUE;

    private BatchReads(boolean remote) {
        this.remote = remote;
    }

    /** Returns reads that cost no round trip: under the lock, and for few acts at once, since a batch may end early. */
    static BatchReads here() {
        return new BatchReads(false);
    }

    /** Reads what these acts look up, before the lock. */
    static BatchReads ahead(Store store, List<PendingAct<?>> acts) {
        BatchReads reads = new BatchReads(true);
        if (acts.stream().anyMatch(one -> one.act().reads().isPresent())) {
            try {
                reads.readAt = store.read(tx -> {
                    reads.read(tx, acts);
                    return LatestEntryFacts.lastWriteLastly(tx);
                });
            } catch (StoreException e) {
                // The transaction meets it too.
                reads.found.clear();
            } catch (IntegrityException e) {
                reads.found.clear();
                reads.findDamage(store, acts);
            }
        }
        return reads;
    }

    /** Finds whose rows cannot be read. Under the lock such a read would end the transaction of all. */
    private void findDamage(Store store, List<PendingAct<?>> acts) {
        for (PendingAct<?> one : acts) {
            one.act().reads().ifPresent(reads -> {
                try {
                    List<?> unused = store.read(tx -> read(tx, reads));
                } catch (IntegrityException e) {
                    damaged.put(reads, e);
                }
            });
        }
    }

    private static <K, V> List<V> read(Tx tx, Reads<K, V> reads) {
        return reads.from().read(tx, reads.keys());
    }

    /** Whether a read costs a round trip to the database. */
    boolean isRemote() {
        return remote;
    }

    /** Returns the number of acts to {@link #begin} at once. */
    int together() {
        return remote ? WaitingActs.MAX_BATCH : 64;
    }

    /** Reads under the lock what is not read yet, or was written since. */
    void begin(WriteTx tx, long lastWrite, List<PendingAct<?>> acts) {
        if (readAt != lastWrite) {
            found.clear();
        }
        try {
            read(tx, acts);
        } catch (RuntimeException e) {
            if (!(e instanceof IntegrityException) && !tx.isDamageOfReadAlone(e)) {
                throw e;
            }
            // One row is damaged: each act reads its own, and only one fails.
            found.clear();
        }
    }

    private void read(Tx tx, List<PendingAct<?>> acts) {
        Map<Reads.Source<?, ?>, Set<Object>> wanted = new LinkedHashMap<>();
        for (PendingAct<?> one : acts) {
            one.act()
                    .reads()
                    .filter(reads -> !damaged.containsKey(reads))
                    .ifPresent(reads -> wanted.computeIfAbsent(reads.from(), any -> new LinkedHashSet<>())
                            .addAll(reads.keys()));
        }
        wanted.forEach((from, keys) -> {
            keys.removeAll(found.getOrDefault(from, Map.of()).keySet());
            if (!keys.isEmpty()) {
                read(tx, from, List.copyOf(keys));
            }
        });
    }

    @SuppressWarnings("unchecked")
    private <K, V> void read(Tx tx, Reads.Source<K, V> from, List<Object> keys) {
        List<V> values = from.read(tx, (List<K>) keys);
        Map<Object, Object> here = found.computeIfAbsent(from, any -> new HashMap<>());
        for (int i = 0; i < keys.size(); i++) {
            here.put(keys.get(i), values.get(i));
        }
    }

    /** Forgets all rows, since an act of the batch has written. */
    void written() {
        found.clear();
    }

    /** Returns what is found for each key, as it is now. */
    @SuppressWarnings("unchecked")
    <K, V> List<V> get(WriteTx tx, Reads<K, V> reads) {
        if (damaged.containsKey(reads)) {
            throw damaged.get(reads);
        }
        Map<Object, Object> here = found.getOrDefault(reads.from(), Map.of());
        if (here.keySet().containsAll(reads.keys())) {
            return reads.keys().stream().map(key -> (V) here.get(key)).toList();
        }
        return reads.from().read(tx, reads.keys());
    }
}

package org.patronvault.core.log;

import java.util.List;
import org.patronvault.core.store.table.Tx;

/**
 * Rows that an act looks up by key. The engine reads those of all acts of a batch together, and gives each act its own as
 * they are under the log's lock.
 *
 * @param <K> a key, with equals
 * @param <V> what is found for it
 * @param from the same object for the same kind of rows
 */
public record Reads<K, V>(Source<K, V> from, List<K> keys) {

    /** Reads many rows at once. */
    @FunctionalInterface
    public interface Source<K, V> {
        /** Returns what is found for each key, in their order. Opens no personal value. */
        List<V> read(Tx tx, List<K> keys);
    }

    public Reads {
        keys = List.copyOf(keys);
    }
}

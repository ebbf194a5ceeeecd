package org.patronvault.core.log;

import java.util.List;
import org.patronvault.core.store.table.WriteTx;

/** The view of an act that decides: the transaction that holds the log's lock, and the act's own place in it. */
public interface Deciding {

    /** Returns the transaction. The act may read and write in it until it has decided. */
    WriteTx tx();

    /** Returns what is found for each key of {@link Act#reads}, as it is under the lock. */
    <K, V> List<V> read(Reads<K, V> reads);

    /** Returns the index that the act's own entry gets in the log, if the act is done. */
    long entry();
}

package org.patronvault.core.log;

import java.util.List;
import org.patronvault.core.store.table.WriteTx;

/** What an act decides by: the transaction that holds the log's lock, and its own place in it. */
public interface Deciding {

    /** Returns the transaction. The act may read and write in it until it has decided. */
    WriteTx tx();

    /** Returns what is found for each key of {@link VaultAct#reads}, as it is under the lock. */
    <K, V> List<V> read(Reads<K, V> reads);

    /** Returns the index that entry number {@code n} of the act gets in the log, from 0, if the act is done. */
    long entry(int n);
}

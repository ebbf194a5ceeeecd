package org.patronvault.core.log;

import org.patronvault.core.store.table.WriteTx;

/** What an act decides by: the transaction that holds the log's lock, and its own place in it. */
public interface Deciding {

    /** Returns the transaction. The act may read and write in it until it has decided. */
    WriteTx tx();

    /** Returns the index that entry number {@code n} of the act gets in the log, from 0, if the act is done. */
    long entry(int n);

    /** Returns the last entry before this act that wrote patrons. */
    long lastWrite();
}

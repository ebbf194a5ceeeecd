package org.patronvault.audit;

import org.patronvault.store.WriteTx;

/** Counts an act against a limit, inside its transaction: full means refused, and nothing else of the unit happens. */
@FunctionalInterface
public interface Reservation {

    /** Counts nothing. */
    Reservation NONE = tx -> {};

    /** Takes its place, or throws {@link org.patronvault.model.Refused}. */
    void take(WriteTx tx);
}

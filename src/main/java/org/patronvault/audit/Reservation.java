package org.patronvault.audit;

import java.util.Set;
import org.patronvault.model.Alert;
import org.patronvault.store.WriteTx;

/**
 * Counts an act against a limit, inside its transaction: full means refused, and nothing else of the unit happens. What
 * somebody should know of is logged as alerts beside the act.
 */
@FunctionalInterface
public interface Reservation {

    /** Counts nothing. */
    Reservation NONE = tx -> Set.of();

    /**
     * Takes its place, or throws {@link org.patronvault.model.Refused}.
     *
     * @return alerts that the act gives rise to
     */
    Set<Alert> take(WriteTx tx);
}

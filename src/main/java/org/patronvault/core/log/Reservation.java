package org.patronvault.core.log;

import java.util.Set;
import org.patronvault.core.model.Alert;
import org.patronvault.core.store.table.WriteTx;

/**
 * A count of an act against a limit, inside the act's transaction. If the limit is reached, the act is refused, and the
 * act has no other effect. Alerts that result are logged beside the act.
 */
@FunctionalInterface
public interface Reservation {

    /** A reservation that counts nothing. */
    Reservation NONE = tx -> Set.of();

    /**
     * Takes a place, or throws {@link org.patronvault.core.model.Refused}.
     *
     * @return alerts that the act gives rise to
     */
    Set<Alert> take(WriteTx tx);
}

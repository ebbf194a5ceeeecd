package org.patronvault.patron.transfer;

import java.util.Set;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.WriteTx;

/**
 * A reservation that several units of one call share. The first unit to run takes it for all. If it is refused, every
 * other unit is refused alike. If the first unit's transaction fails after all, the others are logged but not counted.
 * A call that needs the receipts of all units then has nothing. Used in the appender's thread alone.
 */
final class TakenOnce implements Reservation {
    private final Reservation shared;
    private boolean taken;
    private Refused refused;

    private TakenOnce(Reservation shared) {
        this.shared = shared;
    }

    /** Shares a reservation; one that counts nothing needs no sharing. */
    static Reservation of(Reservation shared) {
        return shared == Reservation.NONE ? shared : new TakenOnce(shared);
    }

    @Override
    public Set<Alert> take(WriteTx tx) {
        if (refused != null) {
            throw refused;
        }
        if (taken) {
            return Set.of();
        }
        try {
            Set<Alert> alerts = shared.take(tx);
            taken = true;
            return alerts;
        } catch (Refused e) {
            // The alert is raised once, not for each unit of the call.
            refused = new Refused(e.problem(), e.getMessage(), e.retryAfterSeconds());
            throw e;
        }
    }
}

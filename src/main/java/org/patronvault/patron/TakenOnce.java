package org.patronvault.patron;

import java.util.Set;
import org.patronvault.audit.Reservation;
import org.patronvault.model.Alert;
import org.patronvault.model.Refused;
import org.patronvault.store.WriteTx;

/**
 * One reservation that several units of a call share: whichever of them runs first takes it for all, and where that is
 * refused, every other is refused alike. Should that first unit's transaction fail after all, the others are logged but
 * not counted; a call that needs the receipts of all of them then has nothing. Used in the appender's thread alone.
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
            // Told of once, not for each of the call.
            refused = new Refused(e.problem(), e.getMessage(), e.retryAfterSeconds());
            throw e;
        }
    }
}

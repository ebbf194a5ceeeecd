package org.patronvault.patron.record;

import java.util.Set;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.Unit;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.Alert;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;

/**
 * A second check of one patron whose fields are opened. The patron is read before the log and, after any write since,
 * once more under the log's lock. So no patron is shown after an erasure or a withdrawn consent that came in between.
 * The result is asked for after the entry is on disk.
 */
public final class SecondLook {
    private final PatronContext parts;
    private volatile PatronVault.VerifiedPatron known;
    private volatile RowGrant shown;

    /** A second check of an access that the policy allowed; {@code shown} is what it shows of that patron. */
    public SecondLook(PatronContext parts, PatronVault.VerifiedPatron known, RowGrant shown) {
        this.parts = parts;
        this.known = known;
        this.shown = shown;
    }

    /** The unit that logs the access; {@code readAt} is that of {@link Unit#showing}. */
    public Unit unit(AccessEvent look, Reservation reservation, Set<Alert> alerts, long readAt) {
        return Unit.showing(look, reservation, alerts, readAt, tx -> {
            again(tx);
            return look;
        });
    }

    private void again(WriteTx tx) {
        PatronVault.VerifiedPatron now =
                tx.patrons().find(known.id()).map(parts.vault()::known).orElseThrow(PatronContext::notFound);
        Grant grant = shown.grant();
        shown = grant.of(now);
        known = now;
    }

    /** The patron as last read. */
    public PatronVault.VerifiedPatron known() {
        return known;
    }

    /** What the policy shows of the patron as last read. */
    public RowGrant shown() {
        return shown;
    }
}

package org.patronvault.patron.record;

import java.util.Set;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.Unit;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.AccessRequest;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;

/**
 * A second check of one patron whose fields are opened. The patron is read before the log and, after any write since,
 * once more under the log's lock. So no patron is shown after an erasure or a withdrawn consent that came in between.
 * The result is asked for after the entry is on disk.
 */
public final class SecondLook {
    private final PatronContext parts;
    private final Caller caller;
    private final AccessRequest question;
    private final PatronId id;
    private volatile PatronVault.VerifiedPatron known;

    /**
     * A second check of an access that the policy allowed.
     *
     * @param question without the patron's library and standing
     */
    public SecondLook(PatronContext parts, Caller caller, AccessRequest question, PatronVault.VerifiedPatron known) {
        this.parts = parts;
        this.caller = caller;
        this.question = question;
        this.id = known.id();
        this.known = known;
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
                tx.patrons().find(id).map(parts.vault()::known).orElseThrow(PatronContext::notFound);
        Policy.Answer answer = parts.access().policy().ask(caller, of(now));
        if (!answer.allowed()) {
            throw new Refused(answer.refusal().orElseThrow(), answer.sentence());
        }
        known = now;
    }

    private AccessRequest of(PatronVault.VerifiedPatron patron) {
        return question.of(patron.library(), patron.facts().standing());
    }

    /** The patron as last read. */
    public PatronVault.VerifiedPatron known() {
        return known;
    }

    /** The allowed request. */
    public AccessRequest asked() {
        return of(known);
    }
}

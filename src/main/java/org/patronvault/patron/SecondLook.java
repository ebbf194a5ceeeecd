package org.patronvault.patron;

import java.util.Set;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Policy;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Reservation;
import org.patronvault.audit.Unit;
import org.patronvault.model.Alert;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.store.WriteTx;

/**
 * One patron of whom fields are opened, read before the log and, where anything was written since, once more under its
 * lock: so that nobody is shown behind the entry of an erasure, or of a consent taken back, that came in between. Asked
 * for what is to be opened after the entry is on disk.
 */
final class SecondLook {
    private final PatronContext parts;
    private final Caller caller;
    private final AccessRequest question;
    private final PatronId id;
    private volatile PatronVault.VerifiedPatron known;

    /**
     * A look that the policy allowed.
     *
     * @param question without the patron's library and standing
     */
    SecondLook(PatronContext parts, Caller caller, AccessRequest question, PatronVault.VerifiedPatron known) {
        this.parts = parts;
        this.caller = caller;
        this.question = question;
        this.id = known.id();
        this.known = known;
    }

    /** The unit that logs it; {@code readAt} as {@link Unit#showing} has it. */
    Unit unit(AccessEvent look, Reservation reservation, Set<Alert> alerts, long readAt) {
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

    /** The patron as last looked at. */
    PatronVault.VerifiedPatron known() {
        return known;
    }

    /** What was allowed. */
    AccessRequest asked() {
        return of(known);
    }
}

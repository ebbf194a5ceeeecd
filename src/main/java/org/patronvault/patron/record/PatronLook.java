package org.patronvault.patron.record;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.log.Act;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Deciding;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Reads;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronVault;

/**
 * A look at one patron: the row under the log's lock, the form of the request, the policy, the limit, the entry, and then
 * plaintext.
 *
 * @param <T> the answer
 */
public abstract class PatronLook<T> implements Act<T> {
    private final PatronContext parts;
    private final LookupAlerts watch;
    private final Grant asked;
    private final Optional<Refused> fault;
    private final AccessEvent attempt;
    private final Reads<PatronId, Optional<StoredPatron>> row;

    /**
     * Prepares a look.
     *
     * @param asked what the policy granted before the patron was read
     * @param fault what is wrong with the request, if anything is; it comes after whether there is such a patron
     * @param attempt logged if it is refused
     */
    protected PatronLook(PatronContext parts, Grant asked, PatronId id, Optional<Refused> fault, AccessEvent attempt) {
        this.parts = parts;
        this.watch = new LookupAlerts(parts);
        this.asked = asked;
        this.fault = fault;
        this.attempt = attempt;
        this.row = parts.rows().of(List.of(id));
    }

    /** Returns the grant for that patron, which may open more than was asked for. */
    protected Grant grant(Grant granted, PatronVault.VerifiedPatron known) {
        return granted;
    }

    /** Returns how the look ends in the log. */
    protected Outcome outcome() {
        return Outcome.DISCLOSED;
    }

    /** Returns the limit that it counts against. */
    protected Reservation limit(Grant granted, PatronId id) {
        return parts.access().limits().of(granted.caller(), List.of(id), 0, 0);
    }

    /** Makes the answer once the entry is on disk. */
    protected abstract T answer(PatronVault.VerifiedPatron known, RowGrant shown, AuditReceipt receipt);

    @Override
    public final AccessEvent attempt() {
        return attempt;
    }

    @Override
    public final boolean writes() {
        return false;
    }

    @Override
    public final Optional<Reads<?, ?>> reads() {
        return Optional.of(row);
    }

    @Override
    public final void expect(Deciding now) {
        parts.access().limits().expect(now.tx(), asked.caller(), row.keys());
    }

    @Override
    public final Decision<T> decide(Deciding now) {
        PatronVault.VerifiedPatron known =
                parts.vault().known(now.read(row).get(0).orElseThrow(PatronContext::notFound));
        try {
            fault.ifPresent(refused -> {
                throw refused;
            });
            Grant grant = grant(asked, known);
            RowGrant shown = grant.of(known);
            AccessEvent look = attempt.on(List.of(Subject.opened(known.id(), grant.opens())))
                    .ending(outcome());
            Set<Alert> alerts = EnumSet.noneOf(Alert.class);
            alerts.addAll(watch.alerts(look, Set.of(), List.of(known)));
            alerts.addAll(limit(grant, known.id()).take(now.tx()));
            return Decision.finishing(look, receipts -> answer(known, shown, receipts.first()))
                    .alerting(alerts);
        } catch (Refused e) {
            return watch.refusal(attempt, e, List.of(known));
        }
    }
}

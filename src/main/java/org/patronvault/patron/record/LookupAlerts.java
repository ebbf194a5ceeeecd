package org.patronvault.patron.record;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.core.log.Act;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.PatronRestrictions;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PatronVault;

/**
 * The alerts that an access raises: for decoys, protected patrons, and purposes that the desk does not have. Alerts go
 * into the act of the access itself, done or refused, with its encrypted subjects.
 */
public final class LookupAlerts {
    private final PatronContext parts;

    public LookupAlerts(PatronContext parts) {
        this.parts = parts;
    }

    /**
     * The alerts of an access.
     *
     * @param look the event as it is logged, with the fields that are opened of each patron
     * @param by the fields by which the patrons were found
     * @param known at least the patrons of the event
     */
    public Set<Alert> alerts(AccessEvent look, Set<PatronField> by, List<PatronVault.VerifiedPatron> known) {
        Map<PatronId, PatronMeta> facts = new HashMap<>();
        known.forEach(patron -> facts.put(patron.id(), patron.facts()));
        Set<Alert> alerts = EnumSet.noneOf(Alert.class);
        for (Subject subject : look.subjects()) {
            PatronMeta of = facts.get(subject.patron());
            if (of != null && of.isDecoy()) {
                alerts.add(Alert.DECOY_OPENED);
            }
            if (of != null && of.isProtected() && (asksProtected(subject.fields()) || asksProtected(by))) {
                alerts.add(Alert.PROTECTED_ASKED);
            }
        }
        if (isUnusual(look)) {
            alerts.add(Alert.UNUSUAL_PURPOSE);
        }
        return alerts;
    }

    private static boolean asksProtected(Set<PatronField> fields) {
        return fields.stream().anyMatch(PatronRestrictions.PROTECTED::contains);
    }

    private boolean isUnusual(AccessEvent look) {
        Actor actor = look.actor();
        boolean opens = look.outcome() != Outcome.REFUSED
                && look.subjects().stream()
                        .anyMatch(subject -> !subject.fields().isEmpty());
        return opens
                && actor.kind() == Actor.Kind.STAFF
                && actor.role().equals(Role.DIRECTOR.name())
                && look.purpose()
                        .filter(purpose -> !parts.access().fields().isOfDesk(purpose))
                        .isPresent();
    }

    /** Asks the policy; a refusal is logged as {@code attempt}, with its alerts, before it is thrown. */
    public <T> T granted(AccessEvent attempt, Supplier<T> asked) {
        try {
            return asked.get();
        } catch (Refused e) {
            throw refuse(attempt, e);
        }
    }

    /** Logs a refused access with the alerts for its patrons, and returns it to be thrown. */
    public Refused refuse(AccessEvent attempt, Refused refused) {
        parts.log().call(refusal(attempt, refused), Lane.DESK);
        return refused.logged();
    }

    /** The refusal of an act on a patron that was read, with the patron's alerts. */
    public <T> Decision<T> refusal(AccessEvent attempt, Refused refused, List<PatronVault.VerifiedPatron> known) {
        Set<Alert> alerts = EnumSet.noneOf(Alert.class);
        alerts.addAll(alerts(attempt, Set.of(), known));
        refused.alert().ifPresent(alerts::add);
        Decision<T> refusal = Decision.undoing(refused, List.of(attempt.refusedFor(refused.problem())));
        return refusal.alerting(alerts);
    }

    /** The act that {@link #refuse} logs. */
    public Act<AuditReceipt> refusal(AccessEvent attempt, Refused refused) {
        return AuditLog.entry(
                attempt.refusedFor(refused.problem()), asked(attempt).toArray(Alert[]::new));
    }

    private Set<Alert> asked(AccessEvent attempt) {
        List<PatronId> ids = attempt.subjects().stream().map(Subject::patron).toList();
        if (ids.isEmpty()) {
            return Set.of();
        }
        try {
            return alerts(
                    attempt,
                    Set.of(),
                    parts.store().read(tx -> tx.patrons().findAll(ids)).values().stream()
                            .map(parts.vault()::known)
                            .collect(Collectors.toList()));
        } catch (IntegrityException e) {
            // Only people who may see the patron learn that its rows are damaged.
            return Set.of();
        }
    }
}

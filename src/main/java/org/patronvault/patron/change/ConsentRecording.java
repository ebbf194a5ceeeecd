package org.patronvault.patron.change;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.ledger.LedgerNotes;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronWriter;

/**
 * The recording of what patrons consent to or withdraw (P6, P9). A patron who withdraws the consent to the service is
 * used for nothing more. The patron stays on a list until a person confirms the erasure, or the patron consents again.
 * Opens nothing.
 */
public final class ConsentRecording {

    /**
     * A statement to record.
     *
     * @param on the day of the statement; today, if empty
     */
    public record Input(String purpose, boolean given, String policy, String channel, Optional<LocalDate> on) {}

    /** The consents as of that version, and the log entry of this reading. */
    public record CurrentConsents(PatronId id, long version, Consents consents, long entry) {}

    /** The recorded consent. */
    public record Result(PatronId id, long version, Consent consent) {

        /** The answer in the form kept for a repeated request. */
        public String json() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id.toString())
                    .put("version", version)
                    .put("purpose", consent.purpose())
                    .put("given", consent.given())
                    .put("on", consent.on().toString())
                    .toString();
        }
    }

    private static final String BY_LINK = "unsubscribe-link";
    /** A name that no account has. */
    public static final String BY_THE_PATRON = "the patron";

    private final PatronContext parts;
    private final PatronWriter writer;

    public ConsentRecording(PatronContext parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
    }

    /** Returns the whole history of the patron's consents. */
    public CurrentConsents read(Caller caller, Optional<PatronId> id, byte[] request) {
        return parts.aimed(caller, ActKind.CONSENT, Permission.CONSENT, id, request, (attempt, stored) -> {
            PatronMeta facts = parts.vault().facts(stored);
            AuditReceipt receipt = parts.log().record(attempt.ending(Outcome.SEARCHED));
            return new CurrentConsents(stored.id(), stored.row().version(), facts.consents(), receipt.index());
        });
    }

    /**
     * Records a consent or its withdrawal. The request body is read only once the patron was found.
     *
     * @param expected the version the caller saw, if the caller states one
     */
    public Result put(
            Caller caller,
            Optional<PatronId> id,
            OptionalLong expected,
            Supplier<Input> sent,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        return parts.aimed(caller, ActKind.CONSENT, Permission.CONSENT, id, request, (attempt, stored) -> {
            if (expected.isPresent()) {
                PatronPatch.requireVersion(stored, expected);
            }
            Input said = sent.get();
            Consent consent = consent(said, caller);
            PatronMeta was = parts.vault().facts(stored);
            if (consent.given() && !consent.purpose().equals(Consent.SERVICE)) {
                was.requireConsent();
            }
            requireNotBeforeNo(was.consents(), consent);
            return put(stored, was, consent, told(attempt.ending(Outcome.WRITTEN), consent), replay);
        });
    }

    /**
     * Withdraws the consent that a mail was sent under, by the link in that mail. No person is signed in, and nothing
     * is opened.
     *
     * @param times which consent that was, as {@link Consents#times} counts
     * @return whether that consent was still in force
     */
    public boolean unsubscribe(PatronId id, String purpose, int times, byte[] request) {
        AccessEvent attempt = parts.log()
                .event(Actor.NOBODY, ActKind.UNSUBSCRIBE, Outcome.REFUSED, request)
                .on(List.of(Subject.opened(id, Set.of())));
        return parts.log()
                .logging(
                        attempt,
                        () -> parts.find(id)
                                .filter(stored -> unsubscribe(stored, purpose, times, attempt))
                                .isPresent());
    }

    private boolean unsubscribe(StoredPatron stored, String purpose, int times, AccessEvent attempt) {
        PatronMeta was = parts.vault().facts(stored);
        Consents consents = was.consents();
        // A link newer than the restored backup is still good for the consent it was sent for.
        if (!consents.isGiven(purpose) || consents.times(purpose) > times) {
            return false;
        }
        String policy = consents.last(purpose).orElseThrow().policy();
        Consent no = new Consent(purpose, policy, parts.today(), BY_LINK, BY_THE_PATRON, false);
        put(stored, was, no, told(attempt.ending(Outcome.WRITTEN), no), Optional.empty());
        return true;
    }

    private Consent consent(Input said, Caller caller) {
        if (!Consent.PURPOSES.contains(said.purpose())) {
            throw new Refused(
                    Problem.PURPOSE_UNKNOWN, "Patrons consent to service, newsletter and fundraising, and to no more.");
        }
        // Any known version: a paper form may have been signed under an earlier one.
        parts.access().policyVersions().require(said.policy(), "policy");
        LocalDate on = said.on().orElse(parts.today());
        if (on.isAfter(parts.today().plusDays(1)) || on.isBefore(LocalDate.EPOCH)) {
            throw new Refused(Problem.INVALID, "on must not be in the future, nor before 1970.");
        }
        return new Consent(
                said.purpose(),
                said.policy(),
                on,
                said.channel(),
                caller.actor().name(),
                said.given());
    }

    /** A form found in a drawer does not undo a later statement; on the same day the patron changed their mind. */
    private static void requireNotBeforeNo(Consents was, Consent next) {
        if (next.given()
                && was.lastNo(next.purpose())
                        .filter(no -> next.on().isBefore(no))
                        .isPresent()) {
            throw new Refused(Problem.INVALID, "A yes must be of the day of the patron's last no to that, or later.");
        }
    }

    /** The statement is logged unencrypted, so that keys/ can remember it. */
    private static AccessEvent told(AccessEvent event, Consent consent) {
        return event.about(LedgerNotes.about(consent.purpose(), consent.given()));
    }

    private Result put(
            StoredPatron stored,
            PatronMeta was,
            Consent consent,
            AccessEvent event,
            Optional<IdempotencyStore.Key> replay) {
        PatronWriter.Change change = writer.saying(stored, was, consent);
        Result written = new Result(stored.id(), change.row().version(), consent);
        writer.write(event, change, replay, written.json());
        return written;
    }
}

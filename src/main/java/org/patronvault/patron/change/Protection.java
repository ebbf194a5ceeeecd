package org.patronvault.patron.change;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronWriter;

/**
 * The protection of patrons, and the decoys. Address and phone of a protected patron open for the director only; a
 * decoy does not exist. Both facts are in the sealed meta cell alone. A role with the permission {@code protect} may
 * protect. Only a director removes a protection, and only a director or privacy officer learns of decoys at all.
 */
public final class Protection {

    /**
     * The request; an absent member stays as it is.
     *
     * @param fault what is wrong with the request, if anything is
     */
    public record Request(Optional<Boolean> isProtected, Optional<Boolean> isDecoy, Optional<Refused> fault) {}

    /** The state as of that version, and the log entry of this reading. */
    public record State(PatronId id, long version, boolean isProtected, boolean isDecoy, long entry) {}

    private final PatronContext parts;
    private final PatronWriter writer;

    public Protection(PatronContext parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
    }

    /** Returns the state of a patron; for director and privacy officer. */
    public State read(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, ActKind.PROTECT, id, request);
        Grant grant = parts.access().require(caller, Permission.PROTECT, attempt);
        return parts.log().logging(attempt, () -> {
            requireKnowsDecoys(caller);
            StoredPatron stored = parts.require(grant, id);
            PatronMeta facts = parts.vault().facts(stored);
            AuditReceipt receipt = parts.log().record(attempt.ending(Outcome.SEARCHED));
            return new State(
                    stored.id(), stored.row().version(), facts.isProtected(), facts.isDecoy(), receipt.index());
        });
    }

    /**
     * Sets the state. Removing a protection raises an alert.
     *
     * @param expected the version the caller saw, if the caller states one
     */
    public PatronPatch.Result put(
            Caller caller,
            Optional<PatronId> id,
            OptionalLong expected,
            Request asked,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        AccessEvent attempt = parts.attempt(caller, ActKind.PROTECT, id, request);
        Grant grant = parts.access().require(caller, Permission.PROTECT, attempt);
        return parts.log().logging(attempt, () -> {
            requireMay(caller, asked);
            StoredPatron stored = parts.require(grant, id);
            if (expected.isPresent()) {
                PatronPatch.requireVersion(stored, expected);
            }
            asked.fault().ifPresent(fault -> {
                throw fault;
            });
            return put(stored, asked, attempt.ending(Outcome.WRITTEN), replay);
        });
    }

    /** Refuses regardless of the current state, so that the refusal does not reveal it. */
    private static void requireMay(Caller caller, Request asked) {
        if (asked.isDecoy().isPresent()) {
            requireKnowsDecoys(caller);
        }
        boolean lifts = asked.isProtected().filter(wanted -> !wanted).isPresent();
        if (lifts && !caller.acts(Role.DIRECTOR)) {
            throw new Refused(Problem.NOT_ALLOWED, "Only the director takes a protection away.");
        }
    }

    private static void requireKnowsDecoys(Caller caller) {
        if (!caller.acts(Role.DIRECTOR) && !caller.acts(Role.PRIVACY_OFFICER)) {
            throw new Refused(Problem.NOT_ALLOWED, "That is for the director and the privacy officer.");
        }
    }

    private PatronPatch.Result put(
            StoredPatron stored, Request asked, AccessEvent event, Optional<IdempotencyStore.Key> replay) {
        PatronMeta was = parts.vault().facts(stored);
        PatronMeta now = new PatronMeta(
                was.set(),
                asked.isProtected().orElse(was.isProtected()),
                asked.isDecoy().orElse(was.isDecoy()),
                was.generations(),
                was.consents(),
                was.forgotten(),
                was.importFingerprint());
        PatronRow row = stored.row().next(false);
        PatronPatch.Result put = new PatronPatch.Result(row.id(), row.version(), Optional.empty());
        boolean lifted = was.isProtected() && !now.isProtected();
        writer.write(
                event,
                writer.prepare(stored, was, row, Map.of(), now, null),
                lifted ? tx -> Set.of(Alert.PROTECTION_LIFTED) : Reservation.NONE,
                replay,
                put.json());
        return put;
    }
}

package org.patronvault.patron.erasure;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.record.ErasureRequests;
import org.patronvault.patron.record.PatronContext;

/** The list of patrons waiting to be erased, and the certificates of erased patrons. Safe for use by many threads. */
public final class ErasureRegister {
    private final PatronContext parts;
    private final ErasureRequests requests;
    private final Erasure erasure;

    public ErasureRegister(PatronContext parts, Erasure erasure) {
        this.parts = parts;
        this.requests = new ErasureRequests(parts.access(), parts.custody());
        this.erasure = erasure;
    }

    /** Patrons who withdrew the consent and wait for a person to confirm the erasure (P6), the oldest first. */
    public List<ErasureRequests.PendingRequest> asked(Caller caller, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, ActKind.ERASE, request);
        parts.access().require(caller, Permission.ERASE, attempt);
        return parts.log().logging(attempt, () -> {
            List<ErasureRequests.PendingRequest> all = parts.store().read(requests::all);
            parts.log().record(attempt.ending(Outcome.SEARCHED));
            return all;
        });
    }

    /**
     * Returns the certificate of an erased patron, as of now: the remaining keys may have changed since.
     *
     * @throws Refused with {@code not-found} if the patron was not erased, was merged into another, or was erased so
     *     long ago that neither log nor ledger has the entry
     */
    public ErasureCertificate certificate(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, ActKind.ERASE, id, request);
        parts.access().require(caller, Permission.ERASE, attempt);
        return parts.log().logging(attempt, () -> {
            ErasureCertificate certificate = id.flatMap(this::find).orElseThrow(ErasureRegister::none);
            parts.log().record(attempt.ending(Outcome.SEARCHED));
            return certificate;
        });
    }

    private static Refused none() {
        return new Refused(Problem.NOT_FOUND, "Of nobody of that id is there a certificate of erasure.");
    }

    private Optional<ErasureCertificate> find(PatronId id) {
        return find(id, parts.log().ledger().erased());
    }

    private Optional<ErasureCertificate> find(PatronId id, Map<PatronId, Long> erased) {
        return entry(id, erased).map(entry -> erasure.certificate(id, Optional.empty(), entry.event(), entry.index()));
    }

    /**
     * Returns the certificates that exist for many patrons. The caller must have erased them, or have had approval to.
     */
    public List<ErasureCertificate> all(Collection<PatronId> patrons) {
        Map<PatronId, Long> erased = parts.log().ledger().erased();
        return patrons.stream().flatMap(id -> find(id, erased).stream()).toList();
    }

    /**
     * Erases a patron that two custodians want erased at once, if it still exists, and returns the certificate. The
     * caller must have the approval of both.
     *
     * @throws Refused with {@code not-found} if no such patron exists or existed
     */
    public ErasureCertificate eraseBeside(Actor by, Optional<Approver> second, PatronId id) {
        AccessEvent attempt = parts.log()
                .event(by, ActKind.ERASE, Outcome.REFUSED, AuditLog.newRequest())
                .with(second);
        return parts.log()
                .logging(
                        attempt,
                        () -> parts.find(id)
                                .map(stored -> erasure.erase(attempt, Reservation.NONE, stored, Optional.empty()))
                                .or(() -> find(id))
                                .orElseThrow(PatronContext::notFound));
    }

    /** Returns the certificate of a patron that the caller erased, or had approval to erase, as of now. */
    public ErasureCertificate again(PatronId id) {
        return find(id).orElseThrow(ErasureRegister::none);
    }

    /**
     * Finds the log entry of an erasure. The ledger knows it as long as keys exist; the entry has the time and the
     * actor.
     */
    private Optional<LogReader.Entry> entry(PatronId patron, Map<PatronId, Long> erased) {
        LogReader log = parts.log().reader();
        return Optional.ofNullable(erased.get(patron))
                .filter(entry -> entry > 0)
                .flatMap(entry ->
                        log.entries(entry, entry + 1).entries().stream().findFirst())
                .filter(entry -> isErasure(entry, patron))
                .or(() -> log.about(patron).stream()
                        .filter(entry -> isErasure(entry, patron))
                        .reduce((first, second) -> second));
    }

    /** In a forgotten month an entry no longer names its patrons; then only the ledger does. */
    private static boolean isErasure(LogReader.Entry entry, PatronId patron) {
        AccessEvent event = entry.event();
        return event.act() == ActKind.ERASE
                && event.outcome() == Outcome.ERASED
                && (event.subjects().isEmpty()
                        || event.subjects().stream()
                                .anyMatch(subject -> subject.patron().equals(patron)));
    }
}

package org.patronvault.patron;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Approver;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.LogReader;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Reservation;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** Who is to be erased, and the certificates of who was. Safe for use by many threads. */
public final class ErasureRegister {
    private final PatronContext parts;
    private final ErasureRequests requests;
    private final Erasure erasure;

    ErasureRegister(PatronContext parts, Erasure erasure) {
        this.parts = parts;
        this.requests = new ErasureRequests(parts.access(), parts.custody());
        this.erasure = erasure;
    }

    /** Who took back the consent and is to be erased once somebody who may confirms it by erasing (P6), the oldest first. */
    public List<ErasureRequests.PendingRequest> asked(Caller caller, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, Act.ERASE, request);
        parts.access().require(caller, AccessRequest.may(Permission.ERASE), attempt);
        return parts.log().logging(attempt, () -> {
            List<ErasureRequests.PendingRequest> all = parts.store().read(requests::all);
            parts.log().appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
            return all;
        });
    }

    /**
     * The certificate of somebody who was erased, as of now: which keys are left may have changed since.
     *
     * @throws Refused with {@code not-found} for who was not erased, was merged into another, or was erased so long ago
     *     that neither log nor ledger says which entry tells of it
     */
    public ErasureCertificate certificate(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, Act.ERASE, id, request);
        parts.access().require(caller, AccessRequest.may(Permission.ERASE), attempt);
        return parts.log().logging(attempt, () -> {
            ErasureCertificate certificate = id.flatMap(this::find).orElseThrow(ErasureRegister::none);
            parts.log().appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
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

    /** Those of them that there are, of many at once. Whoever calls has erased them, or had leave to. */
    public List<ErasureCertificate> all(Collection<PatronId> patrons) {
        Map<PatronId, Long> erased = parts.log().ledger().erased();
        return patrons.stream().flatMap(id -> find(id, erased).stream()).toList();
    }

    /**
     * The certificate of somebody whom two custodians want erased at once: erases who is here still. Whoever calls has
     * leave of both.
     *
     * @throws Refused with {@code not-found} if there is and was no such patron
     */
    public ErasureCertificate eraseBeside(Actor by, Optional<Approver> second, PatronId id) {
        AccessEvent attempt = parts.log()
                .event(by, Act.ERASE, Outcome.REFUSED, AuditLog.newRequest())
                .with(second);
        return parts.log()
                .logging(
                        attempt,
                        () -> parts.find(id)
                                .map(stored -> erasure.erase(attempt, Reservation.NONE, stored, Optional.empty()))
                                .or(() -> find(id))
                                .orElseThrow(PatronContext::notFound));
    }

    /** The same once more, as of now. Whoever calls has erased that patron, or had leave to. */
    public ErasureCertificate again(PatronId id) {
        return find(id).orElseThrow(ErasureRegister::none);
    }

    /** The ledger knows the entry for as long as there are keys; the entry itself still says when and by whom. */
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

    /** Of a month that is forgotten nobody can say whom an entry names; then the ledger alone says it. */
    private static boolean isErasure(LogReader.Entry entry, PatronId patron) {
        AccessEvent event = entry.event();
        return event.act() == Act.ERASE
                && event.outcome() == Outcome.ERASED
                && (event.subjects().isEmpty()
                        || event.subjects().stream()
                                .anyMatch(subject -> subject.patron().equals(patron)));
    }
}

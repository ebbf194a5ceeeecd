package org.patronvault.custody;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.ApprovalGrant;
import org.patronvault.access.ApprovalTerms;
import org.patronvault.access.Approvals;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.SecondPerson;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Approver;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeysInUse;
import org.patronvault.model.PatronId;
import org.patronvault.patron.ErasureCertificate;
import org.patronvault.patron.Patrons;

/**
 * An erasure that does not wait for the schedule, by two custodians: erases the patron unless that was done before,
 * rotates every key that a copy of that time hangs on, and destroys the versions of then. What was done stays done; begun
 * again it goes on. Safe for use by many threads.
 */
public final class ImmediateErasure {
    private static final String KIND = "patron.erase-now";
    private static final String ABOUT = "patron";
    private static final String PATRON = "patron";
    private static final String GONE = "copies gone";

    private final KeyCustody custody;
    private final Access access;
    private final AuditLog log;
    private final Patrons patrons;
    private final Rotations rotations;
    private final KeyDestruction destruction;

    /** At once, over those parts. */
    public ImmediateErasure(
            KeyCustody custody,
            Access access,
            AuditLog log,
            Patrons patrons,
            Rotations rotations,
            KeyDestruction destruction) {
        this.custody = custody;
        this.access = access;
        this.log = log;
        this.patrons = patrons;
        this.rotations = rotations;
        this.destruction = destruction;
        access.approvals()
                .registerLeave(
                        KIND,
                        Act.DESTROY,
                        SecondPerson.CUSTODY,
                        ask -> "Erase patron " + ask.one(PATRON)
                                + " at once, and destroy every version of a key that copies made before hang on."
                                + KeyDestructionAct.attested(ask.all(GONE)));
    }

    /**
     * Leave to do it, once.
     *
     * @param gone exported copies of the keys that both custodians say are gone
     */
    public ApprovalGrant may(Caller caller, Approvals.Requester asking, PatronId patron, List<String> gone) {
        AccessEvent attempt = log.event(caller.actor(), Act.DESTROY, Outcome.REFUSED, AuditLog.newRequest())
                .with(asking.seconds());
        access.require(caller, AccessRequest.may(Permission.CUSTODY), attempt);
        return log.logging(
                attempt,
                () -> access.approvals()
                        .leave(
                                asking,
                                new ApprovalTerms(
                                        KIND,
                                        ABOUT,
                                        Map.of(
                                                PATRON,
                                                List.of(patron.toString()),
                                                GONE,
                                                gone.stream().sorted().toList()))));
    }

    /**
     * Erases the patron, unless that was done, and has no value hang on a key of that time any more.
     *
     * @param progress told of each rotation now and then
     * @throws org.patronvault.model.Refused with {@code not-found} if there is and was no such patron
     */
    public ErasureCertificate eraseAndRotate(
            Caller caller, Optional<Approver> second, PatronId patron, Consumer<Operation> progress) {
        ErasureCertificate certificate = patrons.erasures().eraseBeside(caller.actor(), second, patron);
        for (String name : toRotate(certificate.keys())) {
            rotations
                    .begin(caller, name, 0, Optional::empty, AuditLog.newRequest())
                    .forEach(one -> rotations.operations().await(one.id(), progress));
        }
        return certificate;
    }

    /** By the names that a rotation takes; all fields at once are one. */
    private List<String> toRotate(KeysInUse then) {
        Map<String, Integer> now = KeysInUse.of(custody.keys()).versions();
        List<String> names = new ArrayList<>(then.versions().entrySet().stream()
                .filter(one -> now.get(one.getKey()) <= one.getValue())
                .map(Map.Entry::getKey)
                .toList());
        if (names.containsAll(Rotations.FIELDS)) {
            names.removeAll(Rotations.FIELDS);
            names.add(0, Rotations.ALL);
        }
        return names;
    }

    /**
     * Destroys every version that copies of that time hang on; everything else that {@link KeyDestruction} requires is
     * required.
     */
    public void destroy(Caller caller, Optional<Approver> second, ErasureCertificate certificate, List<String> gone) {
        destruction.now(caller.actor(), second, certificate.keys().left(custody.keys()), gone);
    }
}

package org.patronvault.custody.destroy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.patronvault.access.Access;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeysInUse;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.erasure.ErasureCertificate;

/**
 * An erasure by two custodians that does not wait for the schedule. It erases the patron, unless that was done before.
 * It rotates every key that a copy of that time needs, and destroys the old versions. Finished steps stay done, and a
 * repeated call continues. Thread-safe.
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

    /** Makes the erasure with those parts. */
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
                        ActKind.DESTROY,
                        SecondPerson.CUSTODY,
                        ask -> "Erase patron " + ask.one(PATRON)
                                + " at once, and destroy every version of a key that copies made before hang on."
                                + KeyDestructionAct.attested(ask.all(GONE)));
    }

    /**
     * Asks for permission to do it, once.
     *
     * @param gone exported copies of the keys that both custodians attest are gone
     */
    public ApprovalGrant may(Caller caller, Approvals.Requester asking, PatronId patron, List<String> gone) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.DESTROY, Outcome.REFUSED, AuditLog.newRequest())
                .with(asking.seconds());
        access.require(caller, Permission.CUSTODY, attempt);
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
     * Erases the patron, unless that was done, and moves all values off the keys of that time.
     *
     * @param progress receives the state of each rotation, now and then
     * @throws org.patronvault.core.model.Refused with {@code not-found} if that patron never existed
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

    /** Returns the names for the rotations; if all fields are among them, they are one rotation. */
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

    /** Destroys every version that copies of that time need, with all other preconditions of {@link KeyDestruction}. */
    public void destroy(Caller caller, Optional<Approver> second, ErasureCertificate certificate, List<String> gone) {
        destruction.now(caller.actor(), second, certificate.keys().left(custody.keys()), gone);
    }
}

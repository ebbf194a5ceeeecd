package org.patronvault.patron.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.PatronContext;

/**
 * The opening of the patrons that a disclosure case has decided on and a second person approved (P3). It opens all
 * patrons or none. Each has a log entry of its own that names the case, and every entry is on disk before any patron is
 * opened. The case decides whether it is allowed, not the policy: no policy rule grants that purpose, so no field is
 * masked. No limit is counted, because a large order could never be carried out under one. The second person holds the
 * disclosure to the order.
 */
public final class CaseDisclosure {

    /** One patron's opened fields and the log entry. */
    public record ReleasedPatron(PatronId id, PersonalData data, long entry) {}

    private final PatronContext parts;

    public CaseDisclosure(PatronContext parts) {
        this.parts = parts;
    }

    /**
     * Opens the patrons, in the order given.
     *
     * @throws Refused with {@code not-found} if one of them no longer exists
     */
    public List<ReleasedPatron> open(
            Caller caller, CaseId inCase, List<PatronId> patrons, Set<PatronField> fields, byte[] request) {
        AccessEvent look = parts.attempt(caller, ActKind.DISCLOSURE, request)
                .ending(Outcome.DISCLOSED)
                .forPurpose(Purpose.DISCLOSURE)
                .in(inCase);
        List<PatronVault.VerifiedPatron> rows =
                rows(patrons).stream().map(parts.vault()::known).toList();
        List<CompletableFuture<AuditReceipt>> logged = rows.stream()
                .map(row -> AuditLog.entry(look.on(List.of(Subject.opened(row.id(), fields)))))
                .map(entry -> parts.log().submit(entry, Lane.DESK))
                .toList();
        List<AuditReceipt> receipts = logged.stream().map(AuditLog::await).toList();
        // A patron erased while that waited for the log is not opened.
        List<StoredPatron> unused = rows(patrons);
        List<ReleasedPatron> opened = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            AuditReceipt receipt = receipts.get(i);
            PersonalData data =
                    parts.vault().openKnown(rows.get(i), fields, receipt, caller.actor(), Purpose.DISCLOSURE);
            opened.add(new ReleasedPatron(rows.get(i).id(), data, receipt.index()));
        }
        return opened;
    }

    private List<StoredPatron> rows(List<PatronId> patrons) {
        Map<PatronId, StoredPatron> found =
                parts.store().read(tx -> tx.patrons().findAll(patrons));
        for (int place = 0; place < patrons.size(); place++) {
            if (!found.containsKey(patrons.get(place))) {
                throw new Refused(
                        Problem.NOT_FOUND,
                        "The patron at place " + (place + 1)
                                + " of the decision is not here any more; release the others by naming them.");
            }
        }
        return patrons.stream().map(found::get).toList();
    }
}

package org.patronvault.patron.transfer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.LookupAlerts;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronLook;
import org.patronvault.patron.record.SubjectAccessRecord;

/**
 * The opening of all data of one patron, for that patron. Nothing is masked, and a withdrawn consent to the service
 * does not prevent it. It counts as an opened patron, and raises the alerts of any access to a decoy or a protected
 * patron. Address and phone of a protected patron are the director's here too.
 */
public final class SubjectAccess {

    /**
     * The opened patron.
     *
     * @param asked the request body
     * @param entry the number of the log entry
     */
    public record Result<T>(SubjectAccessRecord patron, T asked, long entry) {}

    private final PatronContext parts;
    private final LookupAlerts watch;

    public SubjectAccess(PatronContext parts) {
        this.parts = parts;
        this.watch = new LookupAlerts(parts);
    }

    /**
     * Opens the patron. Checks the permission, that the patron exists, protection, the form of the request, and the
     * limit, in this order. Each refusal is in the log.
     *
     * @param sent reads the request body, once the patron was found
     */
    public <T> Result<T> open(Caller caller, Optional<PatronId> id, Supplier<T> sent, byte[] request) {
        Set<PatronField> fields = PatronField.personal();
        AccessEvent attempt = parts.attempt(caller, ActKind.PACKAGE, request)
                .forPurpose(Purpose.PATRON_REQUEST)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, fields))).orElse(List.of()));
        Grant grant = watch.granted(
                attempt,
                () -> parts.access().fields().grant(caller, Permission.PACKAGE, Purpose.PATRON_REQUEST, fields));
        PatronVault.VerifiedPatron found = parts.log()
                .logging(
                        attempt,
                        () -> id.flatMap(parts::find).map(parts.vault()::known).orElseThrow(PatronContext::notFound));
        Grant unused = watch.granted(attempt, () -> grant.require(found));
        T said = read(sent, attempt);
        return parts.log().call(new Opening<>(grant, found.id(), said, attempt), Lane.DESK);
    }

    /** Opens everything of one patron. */
    private final class Opening<T> extends PatronLook<Result<T>> {
        private final T said;

        private Opening(Grant grant, PatronId id, T said, AccessEvent attempt) {
            super(parts, grant, id, Optional.empty(), attempt);
            this.said = said;
        }

        @Override
        protected Result<T> answer(PatronVault.VerifiedPatron known, RowGrant shown, AuditReceipt receipt) {
            PersonalData data = parts.disclose(shown, known, shown.opens(), receipt);
            return new Result<>(SubjectAccessRecord.of(known, data), said, receipt.index());
        }
    }

    private <T> T read(Supplier<T> sent, AccessEvent attempt) {
        try {
            return sent.get();
        } catch (Refused e) {
            throw watch.refuse(attempt, e);
        }
    }
}

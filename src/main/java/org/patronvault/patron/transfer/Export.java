package org.patronvault.patron.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.record.SubjectAccessRecord;
import org.patronvault.patron.transfer.format.ExportFormat;

/**
 * The export of all patrons with all fields, for a library that leaves. It is encrypted to one recipient as it is read,
 * so no byte of it is ever unencrypted outside this process. Two people are needed, and each patron is in the log
 * before it is opened.
 *
 * <p>Patrons who withdrew the consent to the service are left out, since a record is used for nothing more then (P6).
 * Decoys are left out too: they do not exist, and would be patrons of the other system for good.
 */
public final class Export {
    private static final String KIND = "patrons.export";
    private static final String ABOUT = "patrons";
    private static final String FORMAT = "format";
    private static final String RECIPIENT = "recipient's certificate, SHA-256";
    private static final String LIBRARY = "library";

    /**
     * An export to request and, by a second person, to approve.
     *
     * @param library the only library to export; empty for all patrons
     */
    public record Request(ExportFormat format, CmsRecipient recipient, Optional<String> library) {

        /** @throws Refused {@code invalid} if {@code library} is no library code */
        public Request {
            if (library.isPresent() && !PatronAttributes.isLibrary(library.get())) {
                throw new Refused(Problem.INVALID, PatronJson.LIBRARY_FORM);
            }
        }

        private ApprovalTerms ask() {
            Map<String, List<String>> terms = new HashMap<>();
            terms.put(FORMAT, List.of(format.wireName()));
            terms.put(RECIPIENT, List.of(recipient.fingerprint()));
            library.ifPresent(one -> terms.put(LIBRARY, List.of(one)));
            return new ApprovalTerms(KIND, ABOUT, terms);
        }
    }

    private final PatronContext parts;
    private final PatronJson form;

    public Export(PatronContext parts, PatronJson form) {
        this.parts = parts;
        this.form = form;
    }

    /** Registers the act with the approvals; once a process. */
    public static void register(Approvals approvals) {
        approvals.registerLeave(KIND, ActKind.EXPORT, SecondPerson.EXPORT, Export::sentence);
    }

    private static String sentence(ApprovalTerms ask) {
        String whom = ask.all(LIBRARY).isEmpty() ? "every patron" : "every patron of library " + ask.one(LIBRARY);
        return "Hand out everything that is held of " + whom + ", as " + ask.one(FORMAT) + ", for the certificate "
                + ask.one(RECIPIENT) + " alone.";
    }

    /** Approval to export once; refused, and logged, if the policy does not let the caller export. */
    public ApprovalGrant mayExport(Caller caller, Optional<Actor> second, Request asked) {
        parts.access().require(caller, Permission.EXPORT, parts.attempt(caller, ActKind.EXPORT, AuditLog.newRequest()));
        return parts.access().approvals().leave(Approvals.Requester.of(caller.actor(), second), asked.ask());
    }

    /**
     * Writes all patrons, encrypted. The log names the certificate, the patrons and, at the end, their number.
     *
     * @param second the second person, as {@link #mayExport} says
     * @param to receives the encrypted file, and is closed; the file is whole only if this returns
     * @param told receives the number of patrons passed, now and then
     */
    public ExportReport write(
            Caller caller, Optional<Approver> second, Request asked, OutputStream to, LongConsumer told) {
        AccessEvent attempt = parts.attempt(caller, ActKind.EXPORT, AuditLog.newRequest())
                .forPurpose(Purpose.EXPORT)
                .about(asked.recipient().fingerprint())
                .with(second);
        Grant grant =
                parts.access().require(caller, Permission.EXPORT, Purpose.EXPORT, PatronField.personal(), attempt);
        return parts.log().logging(attempt, () -> write(grant, asked, attempt, to, told));
    }

    private ExportReport write(Grant grant, Request asked, AccessEvent attempt, OutputStream to, LongConsumer told) {
        ExportReport report = new ExportReport();
        try (to) {
            log(attempt.ending(Outcome.SEARCHED), Set.of(Alert.UNUSUAL_PURPOSE));
            // Closed at the end only: an unclosed file cannot be opened.
            ExportFormat.File file = asked.format().begin(asked.recipient().sealing(to), form);
            PatronCollector taking = new PatronCollector(grant, asked, file, report);
            new BulkDisclosure(parts).through(attempt.ending(Outcome.DISCLOSED), PatronField.personal(), taking, told);
            log(attempt.ending(Outcome.COUNTED).counting(report.exported()), Set.of());
            file.close();
            return report;
        } catch (IOException | UncheckedIOException e) {
            log(attempt.ending(Outcome.FAILED).counting(report.exported()), Set.of());
            throw new UncheckedIOException(
                    "the export could not be written",
                    e instanceof UncheckedIOException wrapped ? wrapped.getCause() : (IOException) e);
        }
    }

    private void log(AccessEvent event, Set<Alert> alerts) {
        parts.log().record(event, alerts.toArray(Alert[]::new));
    }

    /** Writes the patrons that the export includes. */
    private static final class PatronCollector implements BulkDisclosure.Visitor {
        private final Grant grant;
        private final Request asked;
        private final ExportFormat.File file;
        private final ExportReport report;

        PatronCollector(Grant grant, Request asked, ExportFormat.File file, ExportReport report) {
            this.grant = grant;
            this.asked = asked;
            this.file = file;
            this.report = report;
        }

        @Override
        public boolean wants(PatronVault.VerifiedPatron patron) {
            if (!asked.library().orElse(patron.library()).equals(patron.library())) {
                return false;
            }
            Optional<ExportReport.LeftOut> why = leftOut(patron);
            why.ifPresent(report::leaveOut);
            return why.isEmpty();
        }

        private Optional<ExportReport.LeftOut> leftOut(PatronVault.VerifiedPatron patron) {
            PatronMeta facts = patron.facts();
            if (facts.isDecoy()) {
                return Optional.of(ExportReport.LeftOut.DECOYS);
            }
            if (facts.standing().isWithdrawn()) {
                return Optional.of(ExportReport.LeftOut.WITHDRAWN);
            }
            return grant.allows(patron) ? Optional.empty() : Optional.of(ExportReport.LeftOut.NOT_ALLOWED);
        }

        @Override
        public void met(PatronVault.VerifiedPatron patron, PersonalData data) {
            try {
                report.count(patron.library(), file.add(SubjectAccessRecord.of(patron, data)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void unreadable(PatronId patron) {
            report.unreadable(patron);
        }
    }
}

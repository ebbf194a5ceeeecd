package org.patronvault.privacy.mailing;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.MailingPolicy;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.transfer.MailingList;
import org.patronvault.patron.transfer.format.CsvCell;

/**
 * Lists of the patrons who consented to the newsletter or to fundraising (P9). Above a size a mailing needs a second
 * person. Its requester can fetch the file until it expires. The file is made while it is fetched, from the patrons who
 * consent at that time, and encrypted to the recipient's certificate. Nothing of it is kept. Safe for use by many
 * threads; one file is made at a time.
 */
public final class Mailings {
    private static final int ID_BYTES = 16;
    private static final int ONE_LONG = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * A mailing to make.
     *
     * @param libraries whose patrons; empty for all
     * @param limit the most addresses; if empty, as many as one person may export alone
     * @param certificate of the recipient, in PEM
     */
    public record Spec(String purpose, List<String> libraries, OptionalInt limit, String certificate) {}

    /**
     * The result.
     *
     * @param filed the request that waits for a second person; empty if the mailing was made
     */
    public record Result(Optional<Approval> filed, Optional<Mailing> mailing) {}

    /** The destination of a file, opened once its first byte may leave. */
    @FunctionalInterface
    public interface Destination {
        /**
         * Opens the stream for the encrypted file. It is closed once the whole file is written, and not before its
         * opener closes it.
         */
        OutputStream open(Mailing mailing) throws IOException;
    }

    private final Store store;
    private final KeyCustody custody;
    private final Access access;
    private final AuditLog log;
    private final Patrons patrons;
    private final MailingRows rows;
    private final Optional<String> publicUrl;
    private final Clock clock;
    private final Semaphore making = new Semaphore(1);

    /**
     * Mailings to those patrons.
     *
     * @param publicUrl the beginning of unsubscribe links, without a slash at its end
     */
    public Mailings(
            Store store,
            KeyCustody custody,
            Access access,
            AuditLog log,
            Patrons patrons,
            Optional<String> publicUrl,
            Clock clock) {
        this.store = store;
        this.custody = custody;
        this.access = access;
        this.log = log;
        this.patrons = patrons;
        this.rows = new MailingRows(access, clock);
        this.publicUrl = publicUrl;
        this.clock = clock;
        access.approvals()
                .registerLeave(
                        MailingTerms.LEAVE, ActKind.MAILING, SecondPerson.ADMINISTRATION, MailingTerms::sentence);
    }

    /**
     * Makes a mailing, or files the request if a second person is needed.
     *
     * @param sent the request body; read only once the policy was asked
     */
    public Result make(Caller caller, Approvals.Requester asking, Supplier<Spec> sent) {
        AccessEvent attempt = admit(caller);
        return log.logging(attempt, () -> {
            MailingTerms terms = terms(caller, sent.get(), attempt);
            boolean two = store.read(tx -> needsTwo(tx, caller, terms.limit()));
            ApprovalGrant leave = two ? access.approvals().leave(asking, terms.ask()) : ApprovalGrant.NOT_NEEDED;
            return leave.filed().isPresent()
                    ? new Result(leave.filed(), Optional.empty())
                    : new Result(Optional.empty(), Optional.of(write(caller, asking, terms, leave, attempt)));
        });
    }

    private AccessEvent admit(Caller caller) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.MAILING, Outcome.REFUSED, AuditLog.newRequest());
        access.require(caller, Permission.MAIL, attempt);
        if (!caller.isPerson()) {
            // No second person could be asked for a system's request.
            throw log.refuse(attempt, new Refused(Problem.NOT_ALLOWED, "Only a person can make a mailing."));
        }
        return attempt;
    }

    /** Refuses an invalid request, before a given approval is used up. */
    private MailingTerms terms(Caller caller, Spec wanted, AccessEvent attempt) {
        if (!Consent.MAILED.contains(wanted.purpose())) {
            throw new Refused(Problem.PURPOSE_UNKNOWN, "A mailing is for " + String.join(" or ", Consent.MAILED) + ".");
        }
        requireOpens(caller, wanted.purpose(), attempt);
        String unused = requirePublicUrl();
        requireLibraries(wanted.libraries());
        MailingPolicy policy = access.policy().mailings();
        int limit = wanted.limit().orElse(Math.min(policy.alone(), policy.most()));
        if (limit < 1 || limit > policy.most()) {
            throw new Refused(
                    Problem.INVALID,
                    "limit must be how many addresses there may be, from 1 to " + policy.most() + " by the policy.");
        }
        return new MailingTerms(
                wanted.purpose(),
                wanted.libraries().stream().distinct().sorted().toList(),
                limit,
                recipient(wanted.certificate()));
    }

    private void requireOpens(Caller caller, String purpose, AccessEvent attempt) {
        access.require(caller, Permission.MAIL, new Purpose(purpose), Set.of(PatronField.EMAIL), attempt);
    }

    private String requirePublicUrl() {
        return publicUrl.orElseThrow(() -> new Refused(
                Problem.INVALID,
                "Each address needs an unsubscribe link, and vault.yaml does not say what it begins with: set"
                        + " http.publicUrl there, and start the service anew."));
    }

    private CmsRecipient recipient(String certificate) {
        return CmsRecipient.ofPem(certificate.getBytes(StandardCharsets.US_ASCII), clock);
    }

    private void requireLibraries(List<String> libraries) {
        if (libraries.isEmpty()) {
            return;
        }
        Set<String> known = Set.copyOf(store.read(tx -> tx.statistics().libraries()));
        if (!known.containsAll(libraries)) {
            throw new Refused(
                    Problem.INVALID, "No patron is of one of these libraries; libraries are named by their codes.");
        }
    }

    /** Adds up the mailings one person requested alone within a day, so that a large one cannot be split. */
    private boolean needsTwo(Tx tx, Caller caller, int limit) {
        return rows.alone(tx, caller.actor().name()) + limit
                > access.policy().mailings().alone();
    }

    private Mailing write(
            Caller caller, Approvals.Requester asking, MailingTerms terms, ApprovalGrant leave, AccessEvent attempt) {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        String second = leave.second().map(Approver::name).orElse("");
        MailingRows.StoredMailing row =
                MailingRows.StoredMailing.of(terms, caller.actor().name(), second, clock.instant());
        Mailing mailing = row.of(HexFormat.of().formatHex(id));
        AccessEvent event = attempt.ending(Outcome.CONFIGURATION)
                .forPurpose(new Purpose(terms.purpose()))
                .about(mailing.id())
                .with(leave.second());
        return log.call(event, now -> {
            WriteTx tx = now.tx();
            access.replay().requireFirst(tx, asking.once().key());
            if (second.isEmpty() && needsTwo(tx, caller, terms.limit())) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "Another mailing was made meanwhile; ask once more.");
            }
            rows.insert(tx, mailing.id(), row);
            access.replay().keep(tx, asking.once().key(), mailing.json().toString());
            return Decision.done(event, mailing).alerting(Set.of(Alert.MAILING_MADE));
        });
    }

    /** Returns a mailing that the caller requested and that has not expired. */
    public Mailing find(Caller caller, String id) {
        AccessEvent attempt = admit(caller);
        return log.logging(attempt, () -> require(caller, id).of(id));
    }

    private MailingRows.StoredMailing require(Caller caller, String id) {
        return store.read(tx -> rows.require(tx, id, caller.actor().name()));
    }

    /**
     * Writes the file of a mailing, for the patrons who consent now. Each address is in the log before it is opened.
     *
     * @throws Refused before anything is written, if it cannot be; or later, and then the written bytes are no valid
     *     file
     * @throws IOException if it cannot be written, and then the written bytes are no valid file either
     */
    public void file(Caller caller, String id, Destination to, MailingList.Listener told) throws IOException {
        AccessEvent attempt = admit(caller);
        MailingRows.StoredMailing row = log.logging(attempt, () -> {
            MailingRows.StoredMailing found = require(caller, id);
            if (!making.tryAcquire()) {
                throw new Refused(
                        Problem.OPERATION_RUNNING,
                        "Another file is being made; fetch this one when that is done.",
                        ONE_LONG);
            }
            return found;
        });
        try {
            file(caller, id, row, to, told, attempt.forPurpose(new Purpose(row.purpose())));
        } finally {
            making.release();
        }
    }

    private void file(
            Caller caller,
            String id,
            MailingRows.StoredMailing row,
            Destination to,
            MailingList.Listener told,
            AccessEvent attempt)
            throws IOException {
        requireOpens(caller, row.purpose(), attempt);
        MailingList list = patrons.mailing(new MailingList.Spec(
                caller, row.purpose(), new HashSet<>(row.libraries()), row.limit(), attempt.request()));
        Function<MailingList.Addressee, String> link = log.logging(attempt, () -> link(id, row.purpose()));
        CmsRecipient recipient = log.logging(attempt, () -> recipient(row.certificate()));
        List<PatronId> whom = log.logging(attempt, list::gather);
        AccessEvent event = attempt.about(id).ending(Outcome.CONFIGURATION);
        try {
            MailingFile file = new MailingFile(recipient, to.open(row.of(id)), link);
            list.open(whom, file, told);
            file.end();
        } catch (IOException | RuntimeException e) {
            log.record(event.ending(Outcome.FAILED));
            throw e;
        }
        log.call(event, now -> {
            rows.fetched(now.tx(), id);
            return Decision.done(event);
        });
    }

    private Function<MailingList.Addressee, String> link(String id, String purpose) {
        String begin = requirePublicUrl() + "/unsubscribe/";
        long mailing = HexFormat.fromHexDigitsToLong(id, 0, Long.BYTES * 2);
        return one -> begin + new UnsubscribeLink(one.patron(), purpose, one.times(), mailing).seal(custody.keys());
    }

    /**
     * The file of a mailing: each address with an unsubscribe link, as CSV (RFC 4180, UTF-8, a header first), encrypted
     * to the recipient as they arrive. Only {@link #end} makes it whole; decryption refuses a file that breaks off
     * before.
     */
    private static final class MailingFile implements MailingList.Sink {
        private static final List<String> COLUMNS = List.of("email", "unsubscribe");

        private final Function<MailingList.Addressee, String> link;
        private final CsvWriter csv;

        private MailingFile(CmsRecipient recipient, OutputStream out, Function<MailingList.Addressee, String> link)
                throws IOException {
            this.link = link;
            this.csv = CsvWriter.builder()
                    .build(new BufferedWriter(new OutputStreamWriter(recipient.sealing(out), StandardCharsets.UTF_8)));
            csv.writeRecord(COLUMNS);
        }

        @Override
        public void take(List<MailingList.Addressee> some) throws IOException {
            try {
                some.parallelStream()
                        .map(one -> List.of(CsvCell.plain(one.email()), link.apply(one)))
                        .toList()
                        .forEach(csv::writeRecord);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        private void end() throws IOException {
            csv.close();
        }
    }
}

package org.patronvault.patron.transfer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.CurrentRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.PatronContext;

/**
 * A run that collects the email addresses of patrons who consented to one kind of mail (P9). First it reads all patrons
 * without opening anything. Then it reads the consenting ones again, in random order and some hundred at a time, names
 * them in the log, and opens them once that is on disk. A patron who withdraws before the log names them is left out.
 * For one thread; opening uses all processors.
 */
public final class MailingList {
    private static final int AT_ONCE = 400;
    private static final int LOOKED_AT_ONCE = 2_000;
    private static final Set<PatronField> EMAIL = Set.of(PatronField.EMAIL);

    /**
     * The choice of addresses.
     *
     * @param caller the account that exports them
     * @param purpose one of {@link org.patronvault.core.model.Consent#MAILED}
     * @param libraries whose patrons; empty for all
     * @param atMost the most addresses allowed
     * @param request sixteen random bytes that name the call
     */
    public record Spec(Caller caller, String purpose, Set<String> libraries, int atMost, byte[] request) {}

    /**
     * One patron's address: the first, if there are several. Prints {@code [REDACTED]}.
     *
     * @param times which consent it rests on, as {@link Consents#times} counts
     */
    public record Addressee(PatronId patron, int times, String email) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }

    /** A receiver of addresses as they are opened. */
    @FunctionalInterface
    public interface Sink {
        /** Receives some addresses. */
        void take(List<Addressee> some) throws IOException;
    }

    /** A listener for the progress. */
    @FunctionalInterface
    public interface Listener {
        /** Called when {@code done} of {@code total} are done. */
        void at(long done, long total);
    }

    /** Patrons whose log entries are being written before their addresses are opened. */
    private record PendingPage(
            List<PatronVault.VerifiedPatron> patrons, List<CompletableFuture<AuditReceipt>> receipts) {}

    private final PatronContext parts;
    private final Spec wanted;
    private final Map<String, Boolean> libraries = new ConcurrentHashMap<>();
    private final Set<PatronId> unsound = ConcurrentHashMap.newKeySet();
    private final Set<PatronId> again = ConcurrentHashMap.newKeySet();

    public MailingList(PatronContext parts, Spec wanted) {
        this.parts = parts;
        this.wanted = wanted;
    }

    /**
     * Finds the patrons who consented. Opens nothing.
     *
     * @return their ids, in random order
     * @throws Refused if there are more than allowed
     */
    public List<PatronId> gather() {
        List<PatronId> whom = new ArrayList<>();
        List<StoredPatron> some = after(Long.MIN_VALUE);
        while (!some.isEmpty()) {
            some.parallelStream().filter(this::saysYes).map(StoredPatron::id).forEachOrdered(whom::add);
            if (whom.size() > wanted.atMost()) {
                throw new Refused(
                        Problem.INVALID,
                        "More patrons said yes than the " + wanted.atMost() + " addresses that this mailing may have;"
                                + " ask for one with a higher limit.");
            }
            some = after(some.get(some.size() - 1).id().number());
        }
        tellUnsound();
        Collections.shuffle(whom);
        return whom;
    }

    private List<StoredPatron> after(long after) {
        return parts.store().read(tx -> tx.sweep().metaAfter(after, LOOKED_AT_ONCE));
    }

    private boolean saysYes(StoredPatron stored) {
        try {
            return isOfLibrary(stored) && isWanted(stored, parts.vault().meta(stored));
        } catch (IntegrityException e) {
            unsound.add(stored.id());
            return false;
        }
    }

    /** The patrons among these who are to get mail, as they are stored now. */
    private List<PatronVault.VerifiedPatron> known(Collection<PatronId> ids) {
        Collection<StoredPatron> stored =
                parts.store().read(tx -> tx.patrons().findAll(ids)).values();
        return stored.parallelStream()
                .filter(this::isOfLibrary)
                .flatMap(one -> sound(one).stream())
                .filter(known -> isWanted(known.stored(), known.facts()))
                .toList();
    }

    private boolean isOfLibrary(StoredPatron stored) {
        return wanted.libraries().isEmpty()
                || wanted.libraries().contains(stored.row().attributes().library());
    }

    private Optional<PatronVault.VerifiedPatron> sound(StoredPatron stored) {
        Optional<PatronVault.VerifiedPatron> known = parts.vault().sound(stored);
        if (known.isEmpty()) {
            unsound.add(stored.id());
        }
        return known;
    }

    private boolean isWanted(StoredPatron stored, PatronMeta facts) {
        return facts.consents().isGiven(wanted.purpose())
                && !facts.consents().isWithdrawn()
                && !facts.isDecoy()
                && facts.set().contains(PatronField.EMAIL)
                && libraries.computeIfAbsent(stored.row().attributes().library(), this::mayOpenWhole);
    }

    /** Whether the policy shows the address unmasked: a masked address is useless. */
    private boolean mayOpenWhole(String library) {
        try {
            return !grant().of(Grant.ofLibrary(library)).masked().contains(PatronField.EMAIL);
        } catch (Refused e) {
            return false;
        }
    }

    private Grant grant() {
        return parts.access().fields().grant(wanted.caller(), Permission.MAIL, new Purpose(wanted.purpose()), EMAIL);
    }

    /**
     * Opens the addresses of those patrons who still consent.
     *
     * @return how many it opened
     */
    public long open(List<PatronId> whom, Sink sink, Listener told) throws IOException {
        long opened = 0;
        List<PatronId> round = whom;
        while (!round.isEmpty()) {
            Optional<PendingPage> next = announce(round, 0);
            for (int from = 0; next.isPresent(); from += AT_ONCE) {
                PendingPage now = next.get();
                // The entries of the next patrons are logged while these are opened.
                next = announce(round, from + AT_ONCE);
                List<Addressee> some = open(now);
                sink.take(some);
                opened += some.size();
                told.at(opened, whom.size());
            }
            // A patron written between the read and the entry is read again.
            round = List.copyOf(new HashSet<>(again));
            again.clear();
        }
        tellUnsound();
        return opened;
    }

    private Optional<PendingPage> announce(List<PatronId> whom, int from) {
        if (from >= whom.size()) {
            return Optional.empty();
        }
        List<PatronVault.VerifiedPatron> patrons =
                new ArrayList<>(known(whom.subList(from, Math.min(from + AT_ONCE, whom.size()))));
        AccessEvent event = event(Outcome.DISCLOSED);
        List<CompletableFuture<AuditReceipt>> receipts = AccessEvent.inEntries(patrons).stream()
                .map(some -> AuditLog.writing(event, now -> Decision.done(event.on(unchanged(now.tx(), some)))))
                .map(look -> parts.log().submit(look, Lane.DESK))
                .toList();
        return Optional.of(new PendingPage(patrons, receipts));
    }

    private AccessEvent event(Outcome outcome) {
        return parts.log()
                .event(wanted.caller().actor(), ActKind.MAILING, outcome, wanted.request())
                .forPurpose(new Purpose(wanted.purpose()));
    }

    /** The subjects not written since they were read: their consents cannot have changed. */
    private static List<Subject> unchanged(Tx tx, List<PatronVault.VerifiedPatron> some) {
        Map<PatronId, CurrentRows.CurrentPatron> now = tx.current()
                .of(some.stream().map(PatronVault.VerifiedPatron::id).toList());
        return some.stream()
                .filter(known -> known.isStill(now.get(known.id())))
                .map(known -> Subject.opened(known.id(), EMAIL))
                .toList();
    }

    private List<Addressee> open(PendingPage announced) {
        List<AuditReceipt> receipts =
                announced.receipts().stream().map(AuditLog::await).toList();
        return IntStream.range(0, announced.patrons().size())
                .parallel()
                .mapToObj(i -> open(announced.patrons().get(i), receipts.get(i / AccessEvent.MAX_SUBJECTS)))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Addressee> open(PatronVault.VerifiedPatron known, AuditReceipt receipt) {
        if (!receipt.covers(known.id(), EMAIL)) {
            again.add(known.id());
            return Optional.empty();
        }
        try {
            PersonalData data = parts.disclose(grant().of(known), known, EMAIL, receipt);
            int times = known.facts().consents().times(wanted.purpose());
            return data.email()
                    .flatMap(all -> all.stream().findFirst())
                    .map(email -> new Addressee(known.id(), times, email));
        } catch (IntegrityException e) {
            unsound.add(known.id());
            return Optional.empty();
        }
    }

    /** Patrons with damaged rows get no mail, and an alert names them. */
    private void tellUnsound() {
        List<Subject> subjects =
                unsound.stream().map(id -> Subject.opened(id, EMAIL)).toList();
        unsound.clear();
        AccessEvent failed = event(Outcome.FAILED);
        AccessEvent.inEntries(subjects).forEach(some -> parts.log().record(failed.on(some), Alert.NOT_AS_WRITTEN));
    }
}

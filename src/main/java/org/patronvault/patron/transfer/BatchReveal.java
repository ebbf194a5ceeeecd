package org.patronvault.patron.transfer;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.core.log.Act;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Deciding;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.Reads;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.FieldPolicy;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.LookupAlerts;
import org.patronvault.patron.record.PatronContext;

/**
 * A reveal of the same fields of many patrons for another system. It opens all patrons or none. Each patron has a log
 * entry of its own, and every entry is on disk before any patron is opened. If a call fails in between, the log has
 * entries for patrons that were not opened, never the reverse.
 */
public final class BatchReveal {
    /** The most patrons of one call. */
    public static final int MAX_PATRONS = 100;

    /**
     * One request.
     *
     * @param patrons in order; empty for an id that is malformed
     * @param fault what is wrong with the request, if anything is
     */
    public record Request(
            List<Optional<PatronId>> patrons,
            Set<PatronField> fields,
            Optional<Purpose> purpose,
            Optional<Refused> fault) {

        public Request {
            patrons = List.copyOf(patrons);
            fields = Set.copyOf(fields);
        }

        private List<Subject> aimedAt() {
            return patrons.stream()
                    .flatMap(Optional::stream)
                    .distinct()
                    .map(id -> Subject.opened(id, fields))
                    .toList();
        }
    }

    /** One patron's opened fields and the log entry. */
    public record RevealedPatron(PatronId id, PersonalData data, long entry) {}

    private final PatronContext parts;
    private final LookupAlerts watch;

    public BatchReveal(PatronContext parts) {
        this.parts = parts;
        this.watch = new LookupAlerts(parts);
    }

    /**
     * Opens the fields, in the order of the request. Checks the permission first, then purpose and fields, then that
     * each patron exists, then the form of the request. A refusal is logged with every patron in the request.
     *
     * @param request sixteen random bytes that name the call
     */
    public CompletableFuture<List<RevealedPatron>> reveal(Caller caller, Request asked, byte[] request) {
        AccessEvent plain = parts.attempt(caller, ActKind.REVEAL, request);
        AccessEvent attempt = asked.purpose().map(plain::forPurpose).orElse(plain);
        Grant grant = granted(attempt, asked, () -> grant(caller, asked));
        return parts.log().submit(new Reveal(grant, asked, attempt), Lane.DESK);
    }

    private Grant grant(Caller caller, Request asked) {
        FieldPolicy policy = parts.access().fields();
        return asked.purpose().isPresent()
                ? policy.grant(caller, Permission.REVEAL_MANY, asked.purpose().get(), asked.fields())
                : policy.grant(caller, Permission.REVEAL_MANY);
    }

    /** A look at many patrons: rows, form of the request, policy, limit, an entry each, and then plaintext. */
    private final class Reveal implements Act<List<RevealedPatron>> {
        private final Grant grant;
        private final Request asked;
        private final AccessEvent attempt;
        private final Reads<PatronId, Optional<StoredPatron>> rows;

        private Reveal(Grant grant, Request asked, AccessEvent attempt) {
            this.grant = grant;
            this.asked = asked;
            this.attempt = attempt;
            this.rows = parts.rows()
                    .of(asked.patrons().stream().flatMap(Optional::stream).toList());
        }

        @Override
        public AccessEvent attempt() {
            return attempt;
        }

        @Override
        public boolean writes() {
            return false;
        }

        @Override
        public Optional<Reads<?, ?>> reads() {
            return Optional.of(rows);
        }

        @Override
        public void expect(Deciding now) {
            parts.access().limits().expect(now.tx(), grant.caller(), rows.keys());
        }

        @Override
        public Decision<List<RevealedPatron>> decide(Deciding now) {
            List<Optional<StoredPatron>> found = now.read(rows);
            List<PatronVault.VerifiedPatron> known = found.stream()
                    .flatMap(Optional::stream)
                    .map(parts.vault()::known)
                    .toList();
            try {
                requireAll(found);
                asked.fault().ifPresent(fault -> {
                    throw fault;
                });
                List<RowGrant> shown = shown(grant, known);
                Set<Alert> reached = parts.access()
                        .limits()
                        .of(
                                grant.caller(),
                                known.stream()
                                        .map(PatronVault.VerifiedPatron::id)
                                        .toList(),
                                0,
                                0)
                        .take(now.tx());
                return new Decision.Done<>(looks(known), reached, receipts -> open(known, shown, receipts.all()));
            } catch (Refused e) {
                return Decision.undoing(e, aimed(known, e));
            }
        }

        private void requireAll(List<Optional<StoredPatron>> found) {
            Iterator<Optional<StoredPatron>> each = found.iterator();
            List<Optional<StoredPatron>> stored = asked.patrons().stream()
                    .map(id -> id.isPresent() ? each.next() : Optional.<StoredPatron>empty())
                    .toList();
            String missing = places(stored, Optional::isEmpty);
            if (!missing.isEmpty()) {
                throw new Refused(
                        Problem.NOT_FOUND, "There is no such patron at these places of the list: " + missing + ".");
            }
        }

        /** An entry for each patron, in their order, and after them the alerts of any of them. */
        private List<AccessEvent> looks(List<PatronVault.VerifiedPatron> known) {
            List<AccessEvent> looks = new ArrayList<>();
            List<AccessEvent> alerts = new ArrayList<>();
            for (PatronVault.VerifiedPatron one : known) {
                AccessEvent look =
                        attempt.ending(Outcome.DISCLOSED).on(List.of(Subject.opened(one.id(), asked.fields())));
                looks.add(look);
                watch.alerts(look, Set.of(), List.of(one)).forEach(alert -> alerts.add(look.alerting(alert)));
            }
            looks.addAll(alerts);
            return looks;
        }

        /** The refused attempt in as few entries as can name every patron, each with its alerts. */
        private List<AccessEvent> aimed(List<PatronVault.VerifiedPatron> known, Refused refused) {
            return aimedAt(attempt, asked).stream()
                    .map(event -> event.refusedFor(refused.problem()))
                    .flatMap(event -> Stream.concat(
                            Stream.of(event),
                            watch.alerts(event, Set.of(), known).stream().map(event::alerting)))
                    .toList();
        }

        private List<RevealedPatron> open(
                List<PatronVault.VerifiedPatron> known, List<RowGrant> shown, List<AuditReceipt> receipts) {
            return IntStream.range(0, known.size())
                    .mapToObj(i -> new RevealedPatron(
                            known.get(i).id(),
                            parts.disclose(shown.get(i), known.get(i), asked.fields(), receipts.get(i)),
                            receipts.get(i).index()))
                    .toList();
        }
    }

    /** Returns the visible fields of each patron. A list with protected patrons is refused with their positions, as with unknown patrons. */
    private static List<RowGrant> shown(Grant grant, List<PatronVault.VerifiedPatron> rows) {
        rows.stream()
                .map(PatronVault.VerifiedPatron::library)
                .distinct()
                .forEach(library -> grant.require(Grant.ofLibrary(library)));
        String refused = places(rows, row -> !grant.allows(row));
        if (!refused.isEmpty()) {
            throw new Refused(
                    Problem.FIELD_NOT_ALLOWED,
                    "The policy does not let this caller open every field asked for of the patrons at these places of"
                            + " the list: " + refused + ".");
        }
        return rows.stream().map(grant::of).toList();
    }

    /** The positions, from 1, of the elements that match. */
    private static <T> String places(List<T> list, Predicate<T> holds) {
        return IntStream.range(0, list.size())
                .filter(place -> holds.test(list.get(place)))
                .mapToObj(place -> Integer.toString(place + 1))
                .collect(Collectors.joining(", "));
    }

    private <T> T granted(AccessEvent attempt, Request asked, Supplier<T> asking) {
        try {
            return asking.get();
        } catch (Refused e) {
            throw refuse(attempt, asked, e);
        }
    }

    /** Logs the refusal in as few entries as can name every patron, and returns it to be thrown. */
    private Refused refuse(AccessEvent attempt, Request asked, Refused refused) {
        List<CompletableFuture<AuditReceipt>> logged = aimedAt(attempt, asked).stream()
                .map(event -> parts.log().submit(watch.refusal(event, refused), Lane.DESK))
                .toList();
        logged.forEach(AuditLog::await);
        return refused.logged();
    }

    private static List<AccessEvent> aimedAt(AccessEvent attempt, Request asked) {
        List<List<Subject>> parts = AccessEvent.inEntries(asked.aimedAt());
        return parts.isEmpty()
                ? List.of(attempt)
                : parts.stream().map(attempt::on).toList();
    }
}

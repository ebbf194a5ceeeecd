package org.patronvault.patron.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Act;
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
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.LookupAlerts;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.SecondLook;

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
        AccessEvent plain = parts.attempt(caller, Act.REVEAL, request);
        AccessEvent attempt = asked.purpose().map(plain::forPurpose).orElse(plain);
        Grant grant = granted(attempt, asked, () -> grant(caller, asked));
        long readAt = parts.log().lastWrite();
        List<StoredPatron> stored = rows(asked, attempt);
        asked.fault().ifPresent(fault -> {
            throw refuse(attempt, asked, fault);
        });
        List<PatronVault.VerifiedPatron> rows = parts.log()
                .logging(
                        attempt, () -> stored.stream().map(parts.vault()::known).toList());
        List<SecondLook> looks = granted(attempt, asked, () -> shown(grant, rows));
        return append(caller, attempt.ending(Outcome.DISCLOSED), looks, asked.fields(), readAt)
                .thenApply(receipts -> open(asked.fields(), looks, receipts));
    }

    private Grant grant(Caller caller, Request asked) {
        FieldPolicy policy = parts.access().fields();
        return asked.purpose().isPresent()
                ? policy.grant(caller, Permission.REVEAL_MANY, asked.purpose().get(), asked.fields())
                : policy.grant(caller, Permission.REVEAL_MANY);
    }

    /** What is shown of each. A list with protected patrons is refused with their positions, as with unknown patrons. */
    private List<SecondLook> shown(Grant grant, List<PatronVault.VerifiedPatron> rows) {
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
        return rows.stream()
                .map(row -> new SecondLook(parts, row, grant.of(row)))
                .toList();
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
        List<Subject> aimedAt = asked.aimedAt();
        List<CompletableFuture<AuditReceipt>> logged = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(from + AccessEvent.MAX_SUBJECTS, aimedAt.size());
            logged.add(parts.log().append(watch.refusal(attempt.on(aimedAt.subList(from, to)), refused)));
            from = to;
        } while (from < aimedAt.size());
        logged.forEach(AuditLog::await);
        return refused;
    }

    private List<StoredPatron> rows(Request asked, AccessEvent attempt) {
        List<PatronId> ids =
                asked.patrons().stream().flatMap(Optional::stream).distinct().toList();
        Map<PatronId, StoredPatron> found = parts.log()
                .logging(attempt, () -> parts.store().read(tx -> tx.patrons().findAll(ids)));
        List<Optional<StoredPatron>> rows =
                asked.patrons().stream().map(id -> id.map(found::get)).toList();
        String missing = places(rows, Optional::isEmpty);
        if (!missing.isEmpty()) {
            throw refuse(
                    attempt,
                    asked,
                    new Refused(
                            Problem.NOT_FOUND,
                            "There is no such patron at these places of the list: " + missing + "."));
        }
        return rows.stream().flatMap(Optional::stream).toList();
    }

    /** Appends one unit for each patron. The limit is reserved once for all of them. */
    private CompletableFuture<List<AuditReceipt>> append(
            Caller caller, AccessEvent event, List<SecondLook> looks, Set<PatronField> fields, long readAt) {
        List<PatronId> ids = looks.stream().map(look -> look.known().id()).toList();
        Reservation limit = TakenOnce.of(parts.access().limits().of(caller, ids, 0, 0));
        List<CompletableFuture<AuditReceipt>> receipts = looks.stream()
                .map(second -> {
                    PatronVault.VerifiedPatron row = second.known();
                    AccessEvent look = event.on(List.of(Subject.opened(row.id(), fields)));
                    return second.unit(look, limit, watch.alerts(look, Set.of(), List.of(row)), readAt);
                })
                .map(parts.log()::append)
                .toList();
        return CompletableFuture.allOf(receipts.toArray(CompletableFuture[]::new))
                .thenApply(all -> receipts.stream().map(CompletableFuture::join).toList());
    }

    private List<RevealedPatron> open(Set<PatronField> fields, List<SecondLook> looks, List<AuditReceipt> receipts) {
        List<RevealedPatron> revealed = new ArrayList<>();
        for (int i = 0; i < looks.size(); i++) {
            SecondLook look = looks.get(i);
            AuditReceipt receipt = receipts.get(i);
            PersonalData data = parts.disclose(look.shown(), look.known(), fields, receipt);
            revealed.add(new RevealedPatron(look.known().id(), data, receipt.index()));
        }
        return revealed;
    }

    /**
     * A reservation that several units of one call share. The first unit to run takes it for all. If it is refused,
     * every other unit is refused alike. If the first unit's transaction fails after all, the others are logged but not
     * counted. A call that needs the receipts of all units then has nothing. Used in the appender's thread alone.
     */
    private static final class TakenOnce implements Reservation {
        private final Reservation shared;
        private boolean taken;
        private Refused refused;

        private TakenOnce(Reservation shared) {
            this.shared = shared;
        }

        /** Shares a reservation; one that counts nothing needs no sharing. */
        private static Reservation of(Reservation shared) {
            return shared == Reservation.NONE ? shared : new TakenOnce(shared);
        }

        @Override
        public Set<Alert> take(WriteTx tx) {
            if (refused != null) {
                throw refused;
            }
            if (taken) {
                return Set.of();
            }
            try {
                Set<Alert> alerts = shared.take(tx);
                taken = true;
                return alerts;
            } catch (Refused e) {
                // The alert is raised once, not for each unit of the call.
                refused = new Refused(e.problem(), e.getMessage(), e.retryAfterSeconds());
                throw e;
            }
        }
    }
}

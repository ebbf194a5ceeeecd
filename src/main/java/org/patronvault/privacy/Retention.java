package org.patronvault.privacy;

import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.access.Permission;
import org.patronvault.access.RetentionRule;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.PatronAttributes;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.patron.BulkErasure;
import org.patronvault.store.Store;

/**
 * Whose record is kept no longer (P6): counts who matches a rule of the policy, fixes the list for a person to look
 * through, and erases it when that person says so. Nothing is erased by itself, and nothing while the clock is in doubt.
 * Safe for use by many threads.
 */
public final class Retention implements AutoCloseable {

    /** How many match a rule as of that day. */
    public record Count(RetentionRule rule, LocalDate asOf, long matching, long patrons) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final BulkErasure erasures;
    private final RetentionReviewRows rows;
    private final SteadyClock steady;
    private final RetentionRun run;

    Retention(
            Store store,
            KeyCustody custody,
            Access access,
            AuditLog log,
            BulkErasure erasures,
            Clock clock,
            LongSupplier nanoTime) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.erasures = erasures;
        this.rows = new RetentionReviewRows(access, custody);
        this.steady = new SteadyClock(clock, nanoTime);
        this.run = new RetentionRun(store, access, log, erasures, rows, steady);
    }

    private AccessEvent attempt(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.RETENTION, Outcome.REFUSED, request);
        access.require(caller, AccessRequest.may(Permission.RETENTION), attempt);
        return attempt;
    }

    /** How many match each rule, now. */
    public List<Count> counts(Caller caller, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> {
            List<Count> counts = access.policy().retention().values().stream()
                    .map(rule -> new Count(rule, steady.today(), matching(rule).size(), patrons()))
                    .toList();
            log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
            return counts;
        });
    }

    private long patrons() {
        return store.read(tx -> tx.patrons().count());
    }

    /** Who matches, those first who have for longest. */
    private List<PatronId> matching(RetentionRule rule) {
        List<PatronId> matching = new ArrayList<>();
        Optional<LocalDate> expired = rule.expiredBy(steady.today());
        if (expired.isPresent()) {
            store.read(tx -> {
                tx.retention().forEachExpired(expired.get(), row -> {
                    if (rule.matches(row.attributes(), Optional.empty(), steady.today())) {
                        matching.add(row.id());
                    }
                });
                return matching;
            });
        } else {
            erasures.withdrawn().stream()
                    .filter(one -> rule.matches(one.attributes(), Optional.of(one.on()), steady.today()))
                    .forEach(one -> matching.add(one.patron()));
        }
        return matching;
    }

    /** {@link #review(Caller, String, Supplier, byte[])} without a key to repeat it by. */
    public RetentionReview review(Caller caller, String rule, byte[] request) {
        return review(caller, rule, Optional::empty, request);
    }

    /**
     * Fixes who matches a rule now.
     *
     * @param key makes the same request, sent again, answer with the review it made; read only once the policy was asked
     * @throws Refused with {@code not-found} if the policy has no such rule
     */
    public RetentionReview review(
            Caller caller, String rule, Supplier<Optional<IdempotencyStore.Key>> key, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> {
            Optional<IdempotencyStore.Key> sent = key.get();
            Optional<String> before = access.replay().answered(sent);
            if (before.isPresent()) {
                return read(before.get(), attempt);
            }
            try {
                return make(rule, sent, attempt);
            } catch (Refused e) {
                // The same request may be carried out by another thread just now: then its review is the answer.
                return read(access.replay().answered(sent).orElseThrow(() -> e), attempt);
            }
        });
    }

    /** Of the answer the id alone is kept: what it lists of patrons would outlive those who are erased. */
    private RetentionReview make(String rule, Optional<IdempotencyStore.Key> key, AccessEvent attempt) {
        RetentionRule found = Optional.ofNullable(access.policy().retention().get(rule))
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "The policy has no such retention rule."));
        steady.require();
        List<PatronId> matching = matching(found);
        RetentionReviewRows.Row row = RetentionReviewRows.Row.open(found, steady.today(), matching.size(), patrons());
        String id = HexFormat.of().formatHex(attempt.request());
        List<PatronId> listed = matching.subList(0, Math.min(matching.size(), RetentionReviewRows.MOST));
        log.appendAndWait(Unit.writing(attempt, tx -> {
            access.replay().requireFirst(tx, key);
            rows.insert(tx, id, row, listed, steady.today());
            access.replay().keep(tx, key, id);
            return attempt.ending(Outcome.CONFIGURATION).about(found.name());
        }));
        return look(id);
    }

    /** A review, with who of it is here still. */
    public RetentionReview find(Caller caller, String id, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> read(id, attempt));
    }

    private RetentionReview read(String id, AccessEvent attempt) {
        RetentionReview review = look(id);
        log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
        return review;
    }

    private RetentionReview look(String id) {
        return store.read(tx -> {
            RetentionReviewRows.StoredReview held = rows.find(tx, id, steady.today());
            List<RetentionReview.ListedPatron> listed = new ArrayList<>();
            List<PatronId> missing = new ArrayList<>();
            for (List<PatronId> some : AccessEvent.inEntries(held.patrons())) {
                Map<PatronId, PatronAttributes> here = new java.util.HashMap<>();
                tx.patrons()
                        .findAll(some)
                        .forEach((patron, stored) ->
                                here.put(patron, stored.row().attributes()));
                for (PatronId patron : some) {
                    if (here.containsKey(patron)) {
                        listed.add(new RetentionReview.ListedPatron(patron, here.get(patron)));
                    } else {
                        missing.add(patron);
                    }
                }
            }
            RetentionReviewRows.Row row = held.row();
            return new RetentionReview(
                    id,
                    row.rule(),
                    LocalDate.parse(row.asOf()),
                    row.matching(),
                    row.patrons(),
                    listed,
                    missing,
                    row.state(),
                    row.erased());
        });
    }

    /** What erases who is in a review. */
    public RetentionRun run() {
        return run;
    }

    @Override
    public void close() {
        run.close();
    }
}

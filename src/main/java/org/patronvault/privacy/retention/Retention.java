package org.patronvault.privacy.retention;

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
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.RetentionRule;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.erasure.BulkErasure;

/**
 * The retention of patron records (P6). It counts the patrons that match a rule of the policy, fixes the list for a
 * person to review, and erases it when that person confirms. Nothing is erased automatically, and nothing while the
 * clock is in doubt. Safe for use by many threads.
 */
public final class Retention implements AutoCloseable {

    /** How many patrons match a rule as of that day. */
    public record Count(RetentionRule rule, LocalDate asOf, long matching, long patrons) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final BulkErasure erasures;
    private final RetentionReviewRows rows;
    private final SteadyClock steady;
    private final RetentionRun run;

    public Retention(
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
        AccessEvent attempt = log.event(caller.actor(), ActKind.RETENTION, Outcome.REFUSED, request);
        access.require(caller, Permission.RETENTION, attempt);
        return attempt;
    }

    /** How many patrons match each rule now. */
    public List<Count> counts(Caller caller, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> {
            List<Count> counts = access.policy().retention().values().stream()
                    .map(rule -> new Count(rule, steady.today(), matching(rule).size(), patrons()))
                    .toList();
            log.record(attempt.ending(Outcome.SEARCHED));
            return counts;
        });
    }

    private long patrons() {
        return store.read(tx -> tx.patrons().count());
    }

    /** The matching patrons; those that have matched for longest come first. */
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

    /** Does {@link #review(Caller, String, Supplier, byte[])} without a key to repeat it by. */
    public RetentionReview review(Caller caller, String rule, byte[] request) {
        return review(caller, rule, Optional::empty, request);
    }

    /**
     * Fixes the list of patrons that match a rule now.
     *
     * @param key a repeated request with this key gets the review already made; read only once the policy was asked
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
                // Another thread may carry out the same request just now: then its review is the answer.
                return read(access.replay().answered(sent).orElseThrow(() -> e), attempt);
            }
        });
    }

    /** Keeps only the id of the answer: its list would outlive the erased patrons. */
    private RetentionReview make(String rule, Optional<IdempotencyStore.Key> key, AccessEvent attempt) {
        RetentionRule found = Optional.ofNullable(access.policy().retention().get(rule))
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "The policy has no such retention rule."));
        steady.require();
        List<PatronId> matching = matching(found);
        RetentionReviewRows.Row row = RetentionReviewRows.Row.open(found, steady.today(), matching.size(), patrons());
        String id = HexFormat.of().formatHex(attempt.request());
        List<PatronId> listed = matching.subList(0, Math.min(matching.size(), RetentionReviewRows.MOST));
        log.call(attempt, now -> {
            WriteTx tx = now.tx();
            access.replay().requireFirst(tx, key);
            rows.insert(tx, id, row, listed, steady.today());
            access.replay().keep(tx, key, id);
            return Decision.done(attempt.ending(Outcome.CONFIGURATION).about(found.name()));
        });
        return look(id);
    }

    /** Returns a review, with the patrons that still exist. */
    public RetentionReview find(Caller caller, String id, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> read(id, attempt));
    }

    private RetentionReview read(String id, AccessEvent attempt) {
        RetentionReview review = look(id);
        log.record(attempt.ending(Outcome.SEARCHED));
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

    /** The run that erases the patrons of a review. */
    public RetentionRun run() {
        return run;
    }

    @Override
    public void close() {
        run.close();
    }
}

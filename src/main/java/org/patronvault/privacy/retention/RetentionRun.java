package org.patronvault.privacy.retention;

import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.RetentionRule;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.erasure.BulkErasure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run that erases the patrons of a review (P6), once its reviewer confirms. It is refused while the clock is in
 * doubt. It needs a second person if one person alone would erase more than one in {@value #ONE_IN} of all patrons in
 * 30 days. Safe for use by many threads.
 */
public final class RetentionRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionRun.class);

    /** A rule that matches more than one patron in this many needs a second person. */
    private static final int ONE_IN = 20;

    private static final String KIND = "retention.run";
    private static final String REVIEW = "review";
    private static final String MATCHING = "patrons that match";

    /**
     * The reviewer's confirmation.
     *
     * @param today the current day, by the reviewer
     * @param except patrons who are to stay
     */
    public record Confirmation(LocalDate today, Set<PatronId> except) {}

    /**
     * The result of the checks.
     *
     * @param filed the request that waits for a second person; nothing was done then
     * @param second the approver, if one was needed
     */
    private record Clearance(Optional<Approval> filed, Optional<Approver> second) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final BulkErasure erasures;
    private final RetentionReviewRows rows;
    private final SteadyClock clock;
    private final BackgroundWorker background = new BackgroundWorker("vault-retention-run");

    RetentionRun(
            Store store,
            Access access,
            AuditLog log,
            BulkErasure erasures,
            RetentionReviewRows rows,
            SteadyClock clock) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.erasures = erasures;
        this.rows = rows;
        this.clock = clock;
        access.approvals()
                .registerLeave(
                        KIND,
                        ActKind.RETENTION,
                        SecondPerson.ERASURE,
                        ask -> "Erase who is in review " + ask.one(REVIEW) + " of retention rule " + ask.about()
                                + ": more than one in " + ONE_IN + " of all patrons match it (" + ask.one(MATCHING)
                                + "), or were erased alone by reviews of the last 30 days.");
    }

    private AccessEvent attempt(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.RETENTION, Outcome.REFUSED, request);
        access.require(caller, Permission.RETENTION, attempt);
        return attempt;
    }

    /**
     * Erases the patrons of a review, except those excepted and those that no longer match. Can be repeated until it is
     * finished, if it is interrupted.
     *
     * @param said read only once the policy was asked
     * @param progress receives the number of patrons checked
     * @return the request that waits for a second person, if there is one; nothing was done then
     */
    public Optional<Approval> run(
            Caller caller,
            Supplier<Optional<Actor>> second,
            String id,
            Supplier<Confirmation> said,
            byte[] request,
            LongConsumer progress) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> {
            RetentionReviewRows.StoredReview held = store.read(tx -> rows.find(tx, id, clock.today()));
            Confirmation given = said.get();
            Supplier<Approvals.Requester> asking = () -> Approvals.Requester.of(caller.actor(), second.get());
            Clearance allowed = allow(asking, IdempotencyStore.Once.withoutKey(), id, held, given, attempt);
            if (allowed.filed().isEmpty()) {
                carryOut(caller.actor(), allowed.second(), id, given, progress);
            }
            return allowed.filed();
        });
    }

    /**
     * Starts the erasure of a review in the background. All refusals are thrown before this returns.
     *
     * @param asking the requester; a repeated request with the requester's key begins nothing
     */
    public synchronized Optional<Approval> begin(
            Caller caller, Approvals.Requester asking, String id, Supplier<Confirmation> said, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> {
            RetentionReviewRows.StoredReview held = store.read(tx -> rows.find(tx, id, clock.today()));
            Confirmation given = said.get();
            if (background.isBusy()) {
                throw new Refused(Problem.OPERATION_RUNNING, "A retention run is under way; wait until it has ended.");
            }
            Clearance allowed = allow(() -> asking, asking.once(), id, held, given, attempt);
            if (allowed.filed().isEmpty()) {
                background.begin(() -> byItself(caller.actor(), allowed.second(), id, given));
            }
            return allowed.filed();
        });
    }

    private void byItself(Actor by, Optional<Approver> second, String id, Confirmation said) {
        try {
            carryOut(by, second, id, said, done -> {});
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "a retention run was broken off: {}. Run the same review again.",
                    e.getClass().getName());
        }
    }

    /** Checks everything that may forbid the run. */
    private Clearance allow(
            Supplier<Approvals.Requester> asking,
            IdempotencyStore.Once<Approvals.Answer> once,
            String id,
            RetentionReviewRows.StoredReview held,
            Confirmation said,
            AccessEvent attempt) {
        clock.require();
        if (!said.today().equals(clock.today())) {
            throw new Refused(
                    Problem.INVALID,
                    "By the vault's clock it is another day (UTC) than you say: see which of the two is wrong. Nothing"
                            + " was erased.");
        }
        RetentionReviewRows.Row row = held.row();
        if (LocalDate.parse(row.asOf()).isAfter(clock.today())) {
            throw new Refused(
                    Problem.INVALID,
                    "That review was made by a clock that was ahead: make another one. Nothing was erased.");
        }
        if (!held.patrons().containsAll(said.except())) {
            throw new Refused(
                    Problem.INVALID,
                    "Who is excepted is not in that review: see that the ids are right. Nothing was erased.");
        }
        rule(row);
        ApprovalTerms ask = ask(id, row, said);
        ApprovalGrant leave = leave(asking, id, row, ask);
        if (leave.filed().isEmpty()) {
            AccessEvent event =
                    attempt.ending(Outcome.CONFIGURATION).about(row.rule()).with(leave.second());
            log.call(event, now -> {
                WriteTx tx = now.tx();
                access.replay().requireFirst(tx, once.key());
                if (leave.second().isEmpty() && !isFew(tx, id, row)) {
                    throw new Refused(
                            Problem.CHANGED_MEANWHILE,
                            "Another review was run meanwhile. Send the request again: a second person must agree.");
                }
                rows.running(tx, id, leave.second().map(Approver::name), ask.digest());
                access.replay().keep(tx, once, new Approvals.Answer(Optional.empty(), Optional.empty()));
                return Decision.done(event);
            });
        }
        return new Clearance(leave.filed(), leave.second());
    }

    /** ApprovalGrant is good once; what was begun with it goes on with it, however often it is interrupted. */
    private ApprovalGrant leave(
            Supplier<Approvals.Requester> asking, String id, RetentionReviewRows.Row row, ApprovalTerms ask) {
        if (store.read(tx -> isFew(tx, id, row))) {
            return ApprovalGrant.NOT_NEEDED;
        }
        if (row.agreed().equals(ask.digest())) {
            return new ApprovalGrant(
                    Optional.empty(), Optional.of(new Approver(row.second(), Approver.Origin.OWN_SESSION)));
        }
        return access.approvals().leave(asking.get(), ask);
    }

    private boolean isFew(Tx tx, String id, RetentionReviewRows.Row row) {
        return (row.matching() + rows.erasedAlone(tx, id)) * ONE_IN <= row.patrons();
    }

    private static ApprovalTerms ask(String id, RetentionReviewRows.Row row, Confirmation said) {
        return new ApprovalTerms(
                KIND,
                row.rule(),
                Map.of(
                        REVIEW,
                        List.of(id),
                        MATCHING,
                        List.of(Long.toString(row.matching())),
                        "except",
                        said.except().stream().map(PatronId::toString).sorted().toList()));
    }

    /** The rule of the review, which must be that of the policy in force. */
    private RetentionRule rule(RetentionReviewRows.Row row) {
        return Optional.ofNullable(access.policy().retention().get(row.rule()))
                .filter(rule -> RetentionReviewRows.digest(rule).equals(row.digest()))
                .orElseThrow(() -> new Refused(
                        Problem.CHANGED_MEANWHILE,
                        "The policy has another rule of that name by now, or none; make a review of what it says."));
    }

    private void carryOut(Actor by, Optional<Approver> second, String id, Confirmation said, LongConsumer progress) {
        RetentionReviewRows.StoredReview held = store.read(tx -> rows.find(tx, id, clock.today()));
        RetentionRule rule = rule(held.row());
        LocalDate asOf = LocalDate.parse(held.row().asOf());
        Set<PatronId> except = new HashSet<>(said.except());
        List<PatronId> due = held.patrons().stream()
                .filter(patron -> !except.contains(patron))
                .toList();
        List<PatronId> erased = erasures.erase(
                by,
                second,
                due,
                (attributes, withdrawn) ->
                        rule.matches(attributes, withdrawn, asOf) && rule.matches(attributes, withdrawn, clock.today()),
                background::isStopping,
                progress);
        AccessEvent event = log.event(by, ActKind.RETENTION, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(held.row().rule())
                .counting(erased.size())
                .with(second);
        log.call(event, now -> {
            rows.done(now.tx(), id, erased.size(), !background.isStopping());
            return Decision.done(event);
        });
    }

    /** Waits until the background run has ended. */
    void settle() throws InterruptedException, java.util.concurrent.ExecutionException {
        background.settle();
    }

    @Override
    public void close() {
        background.close();
    }
}

package org.patronvault.upkeep.check;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.StorageOutage;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.log.view.PatronView;
import org.patronvault.patron.check.PatronIntegrityCheck;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.privacy.disclosure.Disclosures;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.check.CheckState.SweepProgress;
import org.patronvault.upkeep.check.Sweep.SweepControl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps of the store against the log, on demand and automatically each day, one at a time. Findings are in the log
 * with their patrons, as an alert, before anyone sees them. Thread safe.
 */
public final class Check implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Check.class);
    private static final int MAX_LISTED = 1_000;
    private static final Duration MAX_WAIT_FOR_QUIET = Duration.ofDays(1);

    /** The place of findings about accounts, clients, sessions and limits. */
    private static final String AUTHORITY = "authority";

    /** The place of findings about {@code keys/ledger}. */
    private static final String LEDGER = "ledger";

    /**
     * The result of a sweep.
     *
     * @param values how many were checked
     * @param findings how many faults, with those of a resumed sweep
     * @param listed faults found by this process, at most 1,000
     */
    public record Report(long values, long findings, List<Finding> listed) {

        /** Whether there is no fault. */
        public boolean ok() {
            return findings == 0;
        }
    }

    /** The parts of the vault that a sweep looks at. */
    public record Parts(
            Store store,
            KeyCustody custody,
            AuditLog log,
            PatronView view,
            Access access,
            PatronIntegrityCheck inspection,
            Disclosures disclosures) {}

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final PatronView view;
    private final Access access;
    private final PatronIntegrityCheck inspection;
    private final Disclosures disclosures;
    private final CheckState state;
    private final Clock clock;
    private final int days;
    private final AtomicReference<Instant> running = new AtomicReference<>();
    private final QuietHour quietHour = new QuietHour();
    private final BackgroundWorker background = new BackgroundWorker("vault-check");

    /**
     * Creates the check without starting a sweep.
     *
     * @param node the directory for its progress
     * @param days between automatic sweeps, 0 for never
     */
    public Check(Parts parts, Path node, int days, Clock clock) {
        this.store = parts.store();
        this.custody = parts.custody();
        this.log = parts.log();
        this.view = parts.view();
        this.access = parts.access();
        this.inspection = parts.inspection();
        this.disclosures = parts.disclosures();
        this.state = new CheckState(node, custody);
        this.clock = clock;
        this.days = days;
    }

    /**
     * Sweeps everything from the beginning.
     *
     * @throws Refused with {@code operation-running} during another sweep
     */
    public Report run(Caller caller, Progress progress) {
        AccessEvent attempt = event(caller.actor(), Outcome.REFUSED);
        access.require(caller, Permission.CHECK, attempt);
        return log.logging(
                attempt, () -> run(caller.actor(), SweepProgress.begun(now(), state.read()), progress, false));
    }

    /**
     * Starts a due automatic sweep, or resumes an interrupted one, and returns at once. The first sweep of a vault waits
     * for a {@link QuietHour}, at most until the vault is a day old.
     */
    public void turn() {
        Optional<SweepProgress> last = state.read();
        Optional<SweepProgress> interrupted = last.filter(one -> one.finished().isEmpty() && !isOld(one.started()));
        boolean due = days > 0
                && running.get() == null
                && inspection.index().isWhole()
                && last.flatMap(SweepProgress::finished)
                        .filter(end -> !isOld(end))
                        .isEmpty();
        if (due && (last.isPresent() || isTimeForFirst())) {
            SweepProgress from = interrupted.orElseGet(() -> SweepProgress.begun(now(), last));
            background.begin(() -> byItself(from));
        }
    }

    private boolean isTimeForFirst() {
        Instant now = clock.instant();
        try {
            return store.read(tx -> !isYoung(tx, now) || quietHour.hasPassed(now, LogReader.size(tx)));
        } catch (IntegrityException e) {
            // The sweep says which entry was changed.
            return true;
        }
    }

    /** The log tells, so that restarts do not extend the wait. A log without a first entry is one to check now. */
    private static boolean isYoung(Tx tx, Instant now) {
        return LogReader.begun(tx)
                .filter(begun -> Duration.between(begun, now).abs().compareTo(MAX_WAIT_FOR_QUIET) < 0)
                .isPresent();
    }

    private void byItself(SweepProgress from) {
        try {
            Report report = run(Actor.VAULT, from, Progress.UNSEEN, true);
            if (!report.ok()) {
                LOG.warn(
                        "The daily check found {} things that are not as they were written; see the log.",
                        report.findings());
            }
        } catch (Refused e) {
            // Another sweep runs, or the vault is sealed or stopping. The sweep resumes later.
        } catch (RuntimeException | Error e) {
            if (background.isStopping() || StorageOutage.of(e).isPresent()) {
                // A stop can interrupt it anywhere, even in a file operation. The database may also be unreachable or
                // its disk full. The sweep resumes later.
                return;
            }
            LOG.error("the daily check failed: {}", StorageOutage.nameOf(e));
            // Reported, and not repeated before tomorrow: the obstacle may be the very fault it should find.
            CompletableFuture<AuditReceipt> unused =
                    log.submit(AuditLog.entry(event(Actor.VAULT, Outcome.FAILED), Alert.CHECK_FOUND), Lane.DESK);
            state.write(from.at(from.through(), 0, 1).ended(now()));
        }
    }

    private boolean isOld(Instant since) {
        return Duration.between(since, clock.instant()).abs().compareTo(Duration.ofDays(Math.max(1, days))) >= 0;
    }

    private Instant now() {
        return Instant.ofEpochSecond(clock.instant().getEpochSecond());
    }

    private Report run(Actor by, SweepProgress from, Progress progress, boolean gentle) {
        Instant began = running.compareAndExchange(null, from.started());
        if (began != null) {
            throw new Refused(
                    Problem.OPERATION_RUNNING, "A check is under way since " + began + ". Wait until it has ended.");
        }
        try {
            List<Finding> listed = new ArrayList<>();
            SweepControl control = new SweepControl(
                    progress,
                    findings -> {
                        say(by, findings);
                        findings.stream().limit(MAX_LISTED - listed.size()).forEach(listed::add);
                    },
                    gentle,
                    () -> background.isStopping() || custody.isSealed());
            Sweep sweep = new Sweep(store, inspection, state, from, control);
            SweepProgress end = sweep.run(
                    clock,
                    this::log,
                    this::apart,
                    view,
                    () -> disclosures.damaged().stream().map(Finding::of).toList());
            log.record(event(by, end.findings() == 0 ? Outcome.VERIFIED : Outcome.FAILED)
                    .counting(end.values()));
            return new Report(end.values(), end.findings(), List.copyOf(listed));
        } finally {
            running.set(null);
        }
    }

    private List<Finding> log() {
        return LogVerifier.verify(store, log).stream()
                .map(problem -> new Finding(Optional.empty(), PatronIntegrityCheck.LOG, problem.what()))
                .toList();
    }

    /** Faults that otherwise show only on use, at a sign-in or after a restore. */
    private List<Finding> apart() {
        int rows = store.read(tx -> access.authority().changed(tx));
        List<Finding> found =
                new ArrayList<>(Collections.nCopies(rows, new Finding(Optional.empty(), AUTHORITY, "changed")));
        if (!custody.ledger().isWhole()) {
            found.add(new Finding(Optional.empty(), LEDGER, "changed"));
        }
        return found;
    }

    private AccessEvent event(Actor by, Outcome outcome) {
        return log.event(by, ActKind.CHECK, outcome, AuditLog.newRequest()).forPurpose(Purpose.CHECK);
    }

    /** Logs the findings first, with their patrons, 20 an entry. */
    private void say(Actor by, List<Finding> findings) {
        Map<PatronId, Set<PatronField>> patrons = new LinkedHashMap<>();
        for (Finding finding : findings) {
            finding.patron()
                    .ifPresent(patron -> patrons.computeIfAbsent(patron, any -> EnumSet.noneOf(PatronField.class))
                            .addAll(finding.fields()));
        }
        List<Subject> subjects = patrons.entrySet().stream()
                .map(one -> Subject.opened(one.getKey(), one.getValue()))
                .toList();
        int first = 0;
        do {
            int to = Math.min(first + AccessEvent.MAX_SUBJECTS, subjects.size());
            AccessEvent event = event(by, Outcome.FAILED).on(subjects.subList(first, to));
            log.record(first == 0 ? event.counting(findings.size()) : event, Alert.CHECK_FOUND);
            first = to;
        } while (first < subjects.size());
    }

    /** Waits until the work begun by {@link #turn} has ended. */
    void settle() throws InterruptedException, ExecutionException {
        background.settle();
    }

    /** Stops a running sweep, which the next one resumes. */
    @Override
    public void close() {
        background.close();
    }
}

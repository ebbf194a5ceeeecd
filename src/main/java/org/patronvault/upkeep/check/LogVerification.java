package org.patronvault.upkeep.check;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.PublishedLog;
import org.patronvault.core.log.tree.WitnessPeer;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background run of {@code log verify} for the log page, one at a time. The last result is kept until the process
 * ends. Thread safe.
 */
public final class LogVerification implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogVerification.class);

    /** A running verification: {@code done} of {@code of} entries are verified. */
    public record Running(String by, Instant since, long done, long of) {}

    /**
     * A finished verification.
     *
     * @param report its result, or empty if it failed
     */
    public record FinishedRun(String by, Instant when, Optional<LogReport> report) {}

    /** The running and the last verification. */
    public record State(Optional<Running> running, Optional<FinishedRun> ended) {}

    /** The end of the process. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super(null, null, false, false);
        }
    }

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final PublishedLog published;
    private final List<WitnessPeer> witnesses;
    private final Clock clock;
    private final BackgroundWorker background = new BackgroundWorker("vault-verify");
    private volatile State state = new State(Optional.empty(), Optional.empty());

    /**
     * Creates the verification without starting it.
     *
     * @param published the published part of the vault's log
     * @param witnesses whose signatures are verified too
     */
    public LogVerification(
            Store store,
            Access access,
            AuditLog log,
            PublishedLog published,
            List<WitnessPeer> witnesses,
            Clock clock) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.published = published;
        this.witnesses = List.copyOf(witnesses);
        this.clock = clock;
    }

    /** Returns the progress and the last result. The caller has checked the policy. */
    public State state() {
        return state;
    }

    /** Starts a verification, unless one runs already. */
    public synchronized void begin(Caller caller, byte[] request) {
        access.require(
                caller, Permission.READ_LOG, log.event(caller.actor(), ActKind.READ_LOG, Outcome.REFUSED, request));
        if (!background.isBusy()) {
            String by = caller.actor().name();
            long size = log.reader().size();
            state = new State(Optional.of(new Running(by, clock.instant(), 0, size)), state.ended());
            background.begin(() -> run(by, size));
        }
    }

    private void run(String by, long size) {
        Optional<LogReport> report = Optional.empty();
        Instant since = clock.instant();
        try {
            LogVerifier.TrustAnchors known =
                    published.with(new LogVerifier.TrustAnchors(List.of(), List.of(), Optional.empty()), witnesses);
            report = Optional.of(LogVerifier.verify(store, known, (done, of) -> tell(by, since, done, size)));
        } catch (Stopped e) {
            // No caller waits for the error.
        } catch (RuntimeException | Error e) {
            LOG.error("the log could not be verified: {}", e.getClass().getName());
        }
        state = new State(Optional.empty(), Optional.of(new FinishedRun(by, clock.instant(), report)));
    }

    private void tell(String by, Instant since, long done, long size) {
        if (background.isStopping()) {
            throw new Stopped();
        }
        state = new State(Optional.of(new Running(by, since, Math.min(done, size), size)), state.ended());
    }

    @Override
    public void close() {
        background.close();
    }
}

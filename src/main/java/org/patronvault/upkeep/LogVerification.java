package org.patronvault.upkeep;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.BackgroundWorker;
import org.patronvault.audit.LogReport;
import org.patronvault.audit.LogVerifier;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.PublishedLog;
import org.patronvault.audit.WitnessPeer;
import org.patronvault.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code log verify} for who sits at a page: the same check, behind the caller's back, one at a time, whoever asked for
 * it. What came out is remembered until the process ends. Safe for use by many threads.
 */
public final class LogVerification implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogVerification.class);

    /** One that is under way: {@code done} of {@code of} entries are looked at. */
    public record Running(String by, Instant since, long done, long of) {}

    /**
     * One that has ended.
     *
     * @param report what came out; empty if it could not be done
     */
    public record FinishedRun(String by, Instant when, Optional<LogReport> report) {}

    /** What there is to say. */
    public record State(Optional<Running> running, Optional<FinishedRun> ended) {}

    /** That the process ends. */
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
     * Verifies nothing yet.
     *
     * @param published what this vault has published of its log
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

    /** How far it is, or what came out last. Whoever calls has asked the policy. */
    public State state() {
        return state;
    }

    /** Begins, unless one is under way: then that is the one. */
    public synchronized void begin(Caller caller, byte[] request) {
        access.require(
                caller,
                AccessRequest.may(Permission.READ_LOG),
                log.event(caller.actor(), Act.READ_LOG, Outcome.REFUSED, request));
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
            // Nobody asks any more.
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

package org.patronvault.log.retention;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.Waits;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.log.Deciding;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.StorageOutage;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.MissingContentKeys;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The retention of the log: it destroys the content key of a month that is older than the policy's limit, so the log
 * forgets the patrons of its entries. The month must be due for a week of service, and its current entries must have
 * been logged again. Safe for use by many threads.
 */
public final class LogRetention implements AutoCloseable {
    /** How long a month is due before its key is destroyed, in time that the vault is in service. */
    public static final Duration WAIT = Duration.ofDays(7);

    /** The name of the file with the due months, and for how long each has been due. */
    public static final String WAITS = "retention-waits";

    /** The fact in the database that lists the months whose keys the ring has destroyed, for code without the ring. */
    public static final String FORGOTTEN = "log-forgotten";

    private static final Logger LOG = LoggerFactory.getLogger(LogRetention.class);
    private static final long TRIED_AGAIN = TimeUnit.DAYS.toNanos(1);

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Waits waits;
    private final BackgroundWorker background = new BackgroundWorker("vault-retention");
    private volatile boolean failed;
    private volatile long failedAt;

    /**
     * Retention that has destroyed nothing yet.
     *
     * @param node the directory for the list of due months
     */
    public LogRetention(Store store, KeyCustody custody, AuditLog log, Access access, Path node, Clock clock) {
        this(store, custody, log, access, node, clock, System::nanoTime);
    }

    /** Retention with another monotonic clock, in nanoseconds. */
    LogRetention(
            Store store,
            KeyCustody custody,
            AuditLog log,
            Access access,
            Path node,
            Clock clock,
            LongSupplier nanoTime) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.access = access;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.waits = new Waits(node.resolve(WAITS), custody, nanoTime);
    }

    /** Called when the vault is unsealed: time counts from here on. */
    public void resume() {
        waits.skip();
    }

    /** Counts the elapsed time, and starts the destruction of months that are due long enough; does not wait for it. */
    public void turn() {
        if (background.isBusy()) {
            // The next turn counts the time that passes meanwhile.
            return;
        }
        say();
        Set<Integer> due = due();
        waits.turn(due.stream().map(String::valueOf).toList());
        boolean paused = failed && nanoTime.getAsLong() - failedAt < TRIED_AGAIN;
        if (!paused && due.stream().anyMatch(this::hasWaited)) {
            background.begin(this::byItself);
        }
    }

    private void say() {
        String forgotten = custody.keys().inventory().stream()
                .filter(key -> key.name().equals(KeyName.LOG_CONTENT) && key.state() == KeyState.DESTROYED)
                .map(key -> Integer.toString(key.version()))
                .sorted()
                .collect(Collectors.joining(" "));
        if (!store.read(tx -> tx.fact(FORGOTTEN)).orElse("").equals(forgotten)) {
            store.write(tx -> {
                tx.setFact(FORGOTTEN, forgotten);
                return forgotten;
            });
        }
    }

    /** The due months, oldest first. */
    private Set<Integer> due() {
        return custody.keys().inventory().stream()
                .filter(key -> key.name().equals(KeyName.LOG_CONTENT))
                .map(RingKey::version)
                .filter(this::isDue)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether a month is due. The current month never is: entries logged again would be forgotten with it. */
    private boolean isDue(int month) {
        return custody.keys().hasContentKey(month)
                && access.policy().accessLog().isOver(month, clock.instant())
                && log.reader().sealingMonth(clock.instant()) != month;
    }

    private boolean hasWaited(int month) {
        return waits.seconds(Integer.toString(month)) >= WAIT.toSeconds();
    }

    private void byItself() {
        try {
            forget();
            failed = false;
        } catch (RuntimeException | Error e) {
            boolean passes = StorageOutage.of(e).isPresent();
            if (passes || (e instanceof Refused refused && refused.problem() != Problem.KEYS_REFUSED)) {
                // The database does not answer for a while, the vault is sealed or stopping, or it is no longer due:
                // retried later.
                return;
            }
            failedAt = nanoTime.getAsLong();
            failed = true;
            LOG.error(
                    "months of the log that are over cannot be forgotten: {}. `log verify` and `check` may say why.",
                    StorageOutage.nameOf(e));
            AccessEvent event = log.event(Actor.VAULT, ActKind.CARRY, Outcome.FAILED, AuditLog.newRequest());
            CompletableFuture<AuditReceipt> unused = log.submit(AuditLog.entry(event, Alert.CHECK_FOUND), Lane.DESK);
        }
    }

    private void forget() {
        Set<Integer> due = due();
        due.removeIf(month -> !hasWaited(month));
        // The re-logging checks that it reads what was logged; this checks that no tile and no checkpoint was changed.
        if (!LogVerifier.verify(store, log).isEmpty()) {
            throw new IntegrityException("log: not as it was");
        }
        RowHashRelog carry = carry(due);
        carry.run();
        for (int month : List.copyOf(due)) {
            destroy(month, carry);
            due.remove(month);
        }
    }

    private RowHashRelog carry(Set<Integer> due) {
        long[] began = {System.nanoTime()};
        return new RowHashRelog(log, due, RowHashRelog.IN_MEMORY, () -> {
            due.forEach(this::requireDue);
            if (background.isStopping() || !BackgroundWorker.rest(began[0])) {
                throw new Refused(Problem.BUSY, "The vault is stopping; it goes on when it is started again.", 5);
            }
            began[0] = System.nanoTime();
        });
    }

    private void requireDue(int month) {
        if (!isDue(month)) {
            throw changed();
        }
    }

    private static Refused changed() {
        return new Refused(Problem.CHANGED_MEANWHILE, "That month of the log is not to be forgotten now.");
    }

    /**
     * Destroys a month's key. The log announces it first, so nothing is done unlogged if a kill comes. After a kill
     * between the ring and the second entry, the entry of the next unsealing says what became of the ring.
     */
    private void destroy(int month, RowHashRelog carry) {
        requireDue(month);
        log.record(event(month));
        carry.readOn();
        AccessEvent event = event(month);
        log.call(AuditLog.readingLog(event, now -> destroy(event, month, carry, now)), Lane.DESK);
    }

    /** Destroys a month's key, if by the log as it is now every write of that month was repeated. */
    private Decision<AuditReceipt> destroy(AccessEvent event, int month, RowHashRelog carry, Deciding now) {
        requireDue(month);
        if (!carry.isDone(now.tx())) {
            throw changed();
        }
        // Like every change of the ring inside an act: the log's lock keeps other writers out.
        custody.destroy(KeyName.LOG_CONTENT, month);
        return Decision.done(event.marking(custody.mark()));
    }

    private AccessEvent event(int month) {
        return log.event(Actor.VAULT, ActKind.DESTROY, Outcome.KEY, AuditLog.newRequest())
                .about(MissingContentKeys.about(month));
    }

    /** Waits until the work that {@link #turn} started has ended. */
    void settle() throws InterruptedException, ExecutionException {
        background.settle();
    }

    /** Stops the running work, which continues after the next start. */
    @Override
    public void close() {
        background.close();
    }
}

package org.patronvault.custody;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;

/**
 * What the log says of tries to unseal that were refused. Anyone may try, and a share costs nothing to look at: under a
 * flood one entry stands for all since the last. More than holders mistype is an alert, at most once an hour. Safe for
 * use by many threads.
 */
final class FailedTries {
    private static final long FLOOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TOLD_AGAIN_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int MANY = 6;

    private final AuditLog log;
    private final LongSupplier nanoTime;
    private volatile long number;
    private long unlogged;
    private long lastLogged;
    private long untold;
    private long lastTold;

    FailedTries(AuditLog log) {
        this(log, System::nanoTime);
    }

    /** The same, by another monotonic clock, in nanoseconds. */
    FailedTries(AuditLog log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /** How many there were since the process began. */
    long number() {
        return number;
    }

    /** One more. */
    void add() {
        boolean now;
        synchronized (this) {
            number++;
            unlogged++;
            untold++;
            now = lastLogged == 0 || nanoTime.getAsLong() - lastLogged >= FLOOD_NANOS;
            if (!now && unlogged == 1) {
                // So that the last of a flood are logged too, if nobody tries after them.
                CompletableFuture.delayedExecutor(FLOOD_NANOS, TimeUnit.NANOSECONDS)
                        .execute(this::logRest);
            }
        }
        if (now) {
            log();
        }
    }

    /** Logs those that no entry stands for yet, since the vault opens now; what was mistyped until then is over, and more is told yet. */
    void opening() {
        log();
        synchronized (this) {
            if (untold < MANY) {
                untold = 0;
            }
        }
    }

    /** Logs those that no entry stands for yet. */
    void log() {
        long all;
        boolean tell;
        synchronized (this) {
            all = unlogged;
            if (all == 0) {
                return;
            }
            unlogged = 0;
            lastLogged = nanoTime.getAsLong();
            tell = untold >= MANY && (lastTold == 0 || lastLogged - lastTold >= TOLD_AGAIN_NANOS);
            if (tell) {
                untold = 0;
                lastTold = lastLogged;
            }
        }
        try {
            AccessEvent failed = log.event(Actor.NOBODY, Act.UNSEAL, Outcome.FAILED, AuditLog.newRequest());
            log.appendAndWait(Unit.of(all > 1 ? failed.counting(all) : failed)
                    .alerting(tell ? Set.of(Alert.UNSEAL_REFUSED) : Set.of()));
        } catch (RuntimeException e) {
            synchronized (this) {
                unlogged += all;
                // The next that fails tries at once.
                lastLogged = 0;
                if (tell) {
                    untold += MANY;
                    lastTold = 0;
                }
            }
            throw e;
        }
    }

    /** The same, if it can. */
    void logRest() {
        try {
            log();
        } catch (RuntimeException e) {
            // The log cannot be written now; they are counted with the next that fails, or that opens.
        }
    }
}

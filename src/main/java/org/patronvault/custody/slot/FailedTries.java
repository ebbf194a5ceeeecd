package org.patronvault.custody.slot;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;

/**
 * The log entries about refused tries to unseal. Anyone may try, and checking a share costs little. In a flood, one
 * entry stands for all tries since the last entry. More tries than holders mistype raise an alert, at most once an
 * hour. Thread-safe.
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

    /** Makes the counter with that log, by that monotonic clock, in nanoseconds. */
    FailedTries(AuditLog log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /** Returns how many there were since the process began. */
    long number() {
        return number;
    }

    /** Counts one more. */
    void add() {
        boolean now;
        synchronized (this) {
            number++;
            unlogged++;
            untold++;
            now = lastLogged == 0 || nanoTime.getAsLong() - lastLogged >= FLOOD_NANOS;
            if (!now && unlogged == 1) {
                // So the last tries of a flood are logged too, if no other try follows.
                CompletableFuture.delayedExecutor(FLOOD_NANOS, TimeUnit.NANOSECONDS)
                        .execute(this::logRest);
            }
        }
        if (now) {
            log();
        }
    }

    /**
     * Logs the tries without an entry, since the vault opens now. Typing errors until then no longer count for the
     * alert; more tries still do.
     */
    void opening() {
        log();
        synchronized (this) {
            if (untold < MANY) {
                untold = 0;
            }
        }
    }

    /** Logs the tries without an entry. */
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
            AccessEvent failed = log.event(Actor.NOBODY, ActKind.UNSEAL, Outcome.FAILED, AuditLog.newRequest());
            AccessEvent entry = all > 1 ? failed.counting(all) : failed;
            if (tell) {
                log.record(entry, Alert.UNSEAL_REFUSED);
            } else {
                log.record(entry);
            }
        } catch (RuntimeException e) {
            synchronized (this) {
                unlogged += all;
                // The next failed try logs at once.
                lastLogged = 0;
                if (tell) {
                    untold += MANY;
                    lastTold = 0;
                }
            }
            throw e;
        }
    }

    /** Logs the tries without an entry, if the log can be written. */
    void logRest() {
        try {
            log();
        } catch (RuntimeException e) {
            // The log cannot be written now; the next failed try, or the next opening, logs them.
        }
    }
}

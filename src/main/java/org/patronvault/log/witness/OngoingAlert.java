package org.patronvault.log.witness;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;

/**
 * An alert about a lasting condition. It is logged when the condition begins, and again each day until it ends. If the
 * condition comes and goes, it is logged every ten minutes at most. For one thread.
 */
public final class OngoingAlert {
    private static final long SAID_AGAIN = TimeUnit.DAYS.toNanos(1);
    private static final long QUIET = TimeUnit.MINUTES.toNanos(10);

    private final AuditLog log;
    private final ActKind act;
    private final Alert alert;
    private final String about;
    private final LongSupplier nanoTime;
    private long saidAt;
    private boolean said;
    private boolean lasting;

    /**
     * Creates an alert that is not raised yet.
     *
     * @param act what failed
     * @param about what it concerns; never a patron
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    public OngoingAlert(AuditLog log, ActKind act, Alert alert, String about, LongSupplier nanoTime) {
        this.log = log;
        this.act = act;
        this.alert = alert;
        this.about = about;
        this.nanoTime = nanoTime;
    }

    /** Reports that the condition exists now. */
    public void say() {
        long since = nanoTime.getAsLong() - saidAt;
        if (!said || since >= SAID_AGAIN || (!lasting && since >= QUIET)) {
            AccessEvent event = log.event(Actor.VAULT, act, Outcome.FAILED, AuditLog.newRequest());
            log.record(event.about(about), alert);
            said = true;
            saidAt = nanoTime.getAsLong();
        }
        lasting = true;
    }

    /** Reports that the condition has ended. */
    public void over() {
        lasting = false;
    }
}

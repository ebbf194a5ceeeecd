package org.patronvault.audit;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;

/**
 * An alert about something that lasts: said in the log when it begins, and again each day until it is over. What comes
 * and goes is said every ten minutes at most. For one thread.
 */
public final class OngoingAlert {
    private static final long SAID_AGAIN = TimeUnit.DAYS.toNanos(1);
    private static final long QUIET = TimeUnit.MINUTES.toNanos(10);

    private final AuditLog log;
    private final Act act;
    private final Alert alert;
    private final String about;
    private final LongSupplier nanoTime;
    private long saidAt;
    private boolean said;
    private boolean lasting;

    /**
     * Nothing is said yet.
     *
     * @param act what failed
     * @param about what it concerns; never a patron
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    public OngoingAlert(AuditLog log, Act act, Alert alert, String about, LongSupplier nanoTime) {
        this.log = log;
        this.act = act;
        this.alert = alert;
        this.about = about;
        this.nanoTime = nanoTime;
    }

    /** It is so now. */
    public void say() {
        long since = nanoTime.getAsLong() - saidAt;
        if (!said || since >= SAID_AGAIN || (!lasting && since >= QUIET)) {
            AccessEvent event = log.event(Actor.VAULT, act, Outcome.FAILED, AuditLog.newRequest());
            log.appendAndWait(Unit.of(event.about(about)).alerting(Set.of(alert)));
            said = true;
            saidAt = nanoTime.getAsLong();
        }
        lasting = true;
    }

    /** It is not so any more. */
    public void over() {
        lasting = false;
    }
}

package org.patronvault.privacy.mailing;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.Patrons;

/**
 * The withdrawal of the consent to one kind of mail by the link in such a mail, and of nothing else (P9). The link
 * reveals nothing: neither its patron, nor whether it was in force. Safe for use by many threads.
 */
public final class Unsubscribing {
    /** Concurrent requests; the rest of the capacity is for the desk, and more requests are refused as busy. */
    private static final int AT_ONCE = 4;

    private static final int TRIES = 5;

    private final KeyCustody custody;
    private final AuditLog log;
    private final Patrons patrons;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final LongAdder inVain = new LongAdder();

    public Unsubscribing(KeyCustody custody, AuditLog log, Patrons patrons) {
        this.custody = custody;
        this.log = log;
        this.patrons = patrons;
    }

    /**
     * Withdraws the consent that the token is for, if it is still in force.
     *
     * @throws Refused with {@code busy}, {@code sealed} or {@code log-unavailable} if the token was not read
     */
    public void take(String token) {
        Optional<UnsubscribeLink> link = UnsubscribeLink.open(token, custody.keys());
        if (link.isEmpty()) {
            inVain.increment();
            return;
        }
        if (!places.tryAcquire()) {
            throw new Refused(Problem.BUSY, "Many people unsubscribe just now; try again in a moment.", 5);
        }
        try {
            if (!take(link.get())) {
                inVain.increment();
            }
        } finally {
            places.release();
        }
    }

    private boolean take(UnsubscribeLink link) {
        byte[] request = AuditLog.newRequest();
        for (int tries = 1; ; tries++) {
            try {
                return patrons.consenting().unsubscribe(link.patron(), link.purpose(), link.times(), request);
            } catch (Refused e) {
                // The patron was written at the same moment.
                if (e.problem() != Problem.CHANGED_MEANWHILE || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Logs how many links had no effect since the last call: a number, and no patron. */
    public void logCounts() {
        long n = inVain.sumThenReset();
        if (n > 0) {
            try {
                AccessEvent event =
                        log.event(Actor.NOBODY, ActKind.UNSUBSCRIBE, Outcome.REFUSED, AuditLog.newRequest());
                log.call(AuditLog.entry(event.refusedFor(Problem.NOT_FOUND).counting(n)), Lane.BULK);
            } catch (RuntimeException e) {
                inVain.add(n);
                throw e;
            }
        }
    }
}

package org.patronvault.privacy.entitlement;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;

/**
 * The numbers of checks by client, service and answer. Each combination gets one log entry for the time since the last
 * one, without any patron. Safe for use by many threads.
 */
final class CheckCounts {
    /** @param reason why not entitled; empty for entitled */
    private record Kind(Actor client, Optional<String> service, Optional<Problem> reason) {}

    private final AuditLog log;
    private final Map<Kind, LongAdder> counts = new ConcurrentHashMap<>();

    CheckCounts(AuditLog log) {
        this.log = log;
    }

    /**
     * Counts one check.
     *
     * @param service a service that the policy knows
     */
    void count(Actor client, Optional<String> service, Optional<Problem> reason) {
        counts.computeIfAbsent(new Kind(client, service, reason), kind -> new LongAdder())
                .increment();
    }

    /** Logs the numbers since the last call; numbers that cannot be logged are kept. */
    void log() {
        for (Map.Entry<Kind, LongAdder> entry : counts.entrySet()) {
            long n = entry.getValue().sumThenReset();
            if (n > 0) {
                try {
                    // Waits until it is known whether the entry is there: otherwise a logged number would be counted
                    // twice.
                    log.call(AuditLog.entry(event(entry.getKey()).counting(n)), Lane.BULK);
                } catch (RuntimeException e) {
                    entry.getValue().add(n);
                    throw e;
                }
            }
        }
    }

    private AccessEvent event(Kind kind) {
        AccessEvent event = log.event(kind.client(), ActKind.ENTITLEMENT, Outcome.COUNTED, AuditLog.newRequest());
        AccessEvent named = kind.service().map(event::about).orElse(event);
        return kind.reason().map(named::answered).orElse(named);
    }
}

package org.patronvault.privacy.entitlement;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;

/**
 * How often who asked about what, and what came of it: one entry of the log for each client, service and answer that
 * there was since the last one, and no patron. Safe for use by many threads.
 */
final class CheckCounts {
    /** @param reason why not; empty for those who were entitled */
    private record Kind(Actor client, Optional<String> service, Optional<Problem> reason) {}

    private final AuditLog log;
    private final Map<Kind, LongAdder> counts = new ConcurrentHashMap<>();

    CheckCounts(AuditLog log) {
        this.log = log;
    }

    /**
     * Counts one check.
     *
     * @param service one that the policy knows
     */
    void count(Actor client, Optional<String> service, Optional<Problem> reason) {
        counts.computeIfAbsent(new Kind(client, service, reason), kind -> new LongAdder())
                .increment();
    }

    /** Puts what was counted since the last call into the log; what cannot be logged is counted on. */
    void log() {
        for (Map.Entry<Kind, LongAdder> entry : counts.entrySet()) {
            long n = entry.getValue().sumThenReset();
            if (n > 0) {
                try {
                    // Waited for until it is known whether it is there: else what is there would be counted once more.
                    AuditLog.await(log.appendBulk(Unit.of(event(entry.getKey()).counting(n))));
                } catch (RuntimeException e) {
                    entry.getValue().add(n);
                    throw e;
                }
            }
        }
    }

    private AccessEvent event(Kind kind) {
        AccessEvent event = log.event(kind.client(), Act.ENTITLEMENT, Outcome.COUNTED, AuditLog.newRequest());
        AccessEvent named = kind.service().map(event::about).orElse(event);
        return kind.reason().map(named::answered).orElse(named);
    }
}

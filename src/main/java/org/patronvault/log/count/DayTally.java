package org.patronvault.log.count;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Act;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Purpose;

/** The running counts of one day's entries. For one thread at a time. */
final class DayTally {
    private final Map<String, Long> reveals = new HashMap<>();
    private final Map<String, Long> opened = new HashMap<>();
    private final Map<DayCounts.Check, Long> checks = new HashMap<>();
    private final Map<String, Instant> lastChecks = new HashMap<>();
    private long refused;

    void add(AccessEvent event) {
        if (MonthCounts.isOpening(event)) {
            if (event.act() == Act.REVEAL) {
                reveals.merge(event.actor().role(), 1L, Long::sum);
            }
            event.purpose().map(Purpose::name).ifPresent(name -> opened.merge(name, 1L, Long::sum));
        }
        if (event.outcome() == Outcome.REFUSED && event.act() != Act.DISCLOSURE) {
            refused += event.count().orElse(1);
        }
        if (event.outcome() == Outcome.COUNTED && event.act() == Act.ENTITLEMENT) {
            String client = event.actor().name();
            checks.merge(
                    new DayCounts.Check(client, event.about(), event.reason()),
                    event.count().orElse(1),
                    Long::sum);
            lastChecks.merge(client, event.time(), DayCounts::later);
        }
    }

    DayCounts counts() {
        return new DayCounts(reveals, refused, opened, checks, lastChecks);
    }
}

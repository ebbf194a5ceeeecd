package org.patronvault.log.count;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import org.patronvault.core.model.Problem;

/**
 * The counts of one or more days' entries. No person is named.
 *
 * @param reveals number of reveals, by the role or the scopes that made them
 * @param refused number of refused acts
 * @param opened number of opened records, by purpose
 * @param checks number of entitlement checks, by client, service and result
 * @param lastChecks when a client's checks were last counted, by its name
 */
public record DayCounts(
        Map<String, Long> reveals,
        long refused,
        Map<String, Long> opened,
        Map<Check, Long> checks,
        Map<String, Instant> lastChecks) {
    /** No counts. */
    public static final DayCounts NONE = new DayCounts(Map.of(), 0, Map.of(), Map.of(), Map.of());

    /**
     * Entitlement checks with the same client, service and result.
     *
     * @param service empty if the policy does not know the service
     * @param reason why the answer was no; empty if it was yes
     */
    public record Check(String client, Optional<String> service, Optional<Problem> reason) {}

    public DayCounts {
        reveals = Map.copyOf(reveals);
        opened = Map.copyOf(opened);
        checks = Map.copyOf(checks);
        lastChecks = Map.copyOf(lastChecks);
    }

    /** Returns the sum of these counts and others. */
    public DayCounts and(DayCounts more) {
        return new DayCounts(
                joined(reveals, more.reveals(), Long::sum),
                refused + more.refused(),
                joined(opened, more.opened(), Long::sum),
                joined(checks, more.checks(), Long::sum),
                joined(lastChecks, more.lastChecks(), DayCounts::later));
    }

    private static <K, V> Map<K, V> joined(Map<K, V> some, Map<K, V> more, BinaryOperator<V> both) {
        Map<K, V> all = new HashMap<>(some);
        more.forEach((key, value) -> all.merge(key, value, both));
        return all;
    }

    static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Returns the number of reveals by all roles and scopes. */
    public long revealed() {
        return reveals.values().stream().mapToLong(Long::longValue).sum();
    }
}

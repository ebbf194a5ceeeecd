package org.patronvault.audit;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import org.patronvault.model.Problem;

/**
 * What the entries of a day, or of several, come to. No person is named.
 *
 * @param reveals how often something was revealed, by the role or the scopes that did it
 * @param refused how many acts were refused
 * @param opened how often records were opened, by the purpose
 * @param checks how often which client asked whether somebody is entitled to which service, by what came of it
 * @param lastChecks when a client's checks were last counted, by its name
 */
public record DayCounts(
        Map<String, Long> reveals,
        long refused,
        Map<String, Long> opened,
        Map<Check, Long> checks,
        Map<String, Instant> lastChecks) {
    /** Nothing. */
    public static final DayCounts NONE = new DayCounts(Map.of(), 0, Map.of(), Map.of(), Map.of());

    /**
     * Checks of entitlement that are alike.
     *
     * @param service empty for one that the policy did not know
     * @param reason why not; empty for those that were answered with yes
     */
    public record Check(String client, Optional<String> service, Optional<Problem> reason) {}

    public DayCounts {
        reveals = Map.copyOf(reveals);
        opened = Map.copyOf(opened);
        checks = Map.copyOf(checks);
        lastChecks = Map.copyOf(lastChecks);
    }

    /** These and those. */
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

    /** How often something was revealed, by whomever. */
    public long revealed() {
        return reveals.values().stream().mapToLong(Long::longValue).sum();
    }
}

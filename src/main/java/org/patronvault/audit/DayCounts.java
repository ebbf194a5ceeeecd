package org.patronvault.audit;

import java.util.Map;
import java.util.TreeMap;
import org.patronvault.model.Purpose;

/**
 * What the entries of a day, or of several, come to. Nobody is named.
 *
 * @param reveals how often something was revealed, by the role or the scopes that did it
 * @param refused how many acts were refused
 * @param opened how often records were opened, by the purpose
 */
public record DayCounts(Map<String, Long> reveals, long refused, Map<String, Long> opened) {
    /** Nothing. */
    public static final DayCounts NONE = new DayCounts(Map.of(), 0, Map.of());

    public DayCounts {
        reveals = Map.copyOf(reveals);
        opened = Map.copyOf(opened);
    }

    /** What a single entry comes to. */
    static DayCounts of(AccessEvent event) {
        boolean opening = MonthCounts.isOpening(event);
        return new DayCounts(
                opening && event.act() == Act.REVEAL ? Map.of(event.actor().role(), 1L) : Map.of(),
                event.outcome() == Outcome.REFUSED && event.act() != Act.DISCLOSURE
                        ? event.count().orElse(1)
                        : 0,
                opening
                        ? event.purpose()
                                .map(Purpose::name)
                                .map(name -> Map.of(name, 1L))
                                .orElse(Map.of())
                        : Map.of());
    }

    /** These and those. */
    public DayCounts and(DayCounts more) {
        return new DayCounts(sum(reveals, more.reveals()), refused + more.refused(), sum(opened, more.opened()));
    }

    private static Map<String, Long> sum(Map<String, Long> some, Map<String, Long> more) {
        Map<String, Long> sum = new TreeMap<>(some);
        more.forEach((name, count) -> sum.merge(name, count, Long::sum));
        return sum;
    }

    /** How often something was revealed, by whomever. */
    public long revealed() {
        return reveals.values().stream().mapToLong(Long::longValue).sum();
    }
}

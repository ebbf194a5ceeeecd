package org.patronvault.core.policy;

import java.util.Set;

/** The limits of a person, from {@code policy.yaml}. */
public record LimitSettings(
        int openedTenMinutes,
        int openedDay,
        int namesTenMinutes,
        int namesDay,
        int searchesTenMinutes,
        int failedVerifiesHour,
        int erasuresDay,
        int erasuresInAllDay) {

    private static final String TEN_MINUTES = "tenMinutes";
    private static final String DAY = "day";
    private static final String HOUR = "hour";
    private static final String ERASURES = "erasures";

    private static final String ERASURES_IN_ALL = "erasuresInAll";

    /** For a policy that names no number. */
    private static final int USUAL_ERASURES = 20;

    private static final int USUAL_ERASURES_IN_ALL = 60;

    /** A stand-in for limits in a file that is refused anyway. */
    private static final LimitSettings NONE = new LimitSettings(1, 1, 1, 1, 1, 1, 1, 1);

    /** Reads the limits; faults are noted. */
    static LimitSettings read(YamlNode node, PolicyReader reader) {
        if (!reader.requireMembers(
                node,
                Set.of("opened", "names", "searches", "failedVerifies", ERASURES, ERASURES_IN_ALL),
                " in limits")) {
            return NONE;
        }
        node.members().forEach((name, limit) -> {
            Set<String> times = switch (name) {
                case "opened", "names" -> Set.of(TEN_MINUTES, DAY);
                case "searches" -> Set.of(TEN_MINUTES);
                case ERASURES, ERASURES_IN_ALL -> Set.of(DAY);
                default -> Set.of(HOUR);
            };
            reader.requireMembers(limit, times, " in limits");
        });
        return new LimitSettings(
                limit(node, reader, "opened", TEN_MINUTES),
                limit(node, reader, "opened", DAY),
                limit(node, reader, "names", TEN_MINUTES),
                limit(node, reader, "names", DAY),
                limit(node, reader, "searches", TEN_MINUTES),
                limit(node, reader, "failedVerifies", HOUR),
                node.member(ERASURES).isSaid() ? limit(node, reader, ERASURES, DAY) : USUAL_ERASURES,
                node.member(ERASURES_IN_ALL).isSaid()
                        ? limit(node, reader, ERASURES_IN_ALL, DAY)
                        : USUAL_ERASURES_IN_ALL);
    }

    private static int limit(YamlNode limits, PolicyReader reader, String name, String time) {
        YamlNode limit = limits.member(name).member(time);
        if (limit.wholeNumber() == 0) {
            reader.fault(
                    limit.isSaid() ? limit : limits,
                    "must give every limit as a whole number above 0: " + name + "." + time);
            return 1;
        }
        return limit.wholeNumber();
    }
}

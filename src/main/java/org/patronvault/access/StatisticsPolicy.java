package org.patronvault.access;

import com.fasterxml.jackson.core.JsonToken;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the policy says of statistics.
 *
 * @param floor of fewer patrons than that nothing is told
 */
record StatisticsPolicy(int floor) {
    /** The member of a policy that {@link #read} reads. */
    static final String MEMBER = "statistics";

    private static final int UNSAID = 10;
    private static final int MIN = 3;
    private static final int MAX = 1_000;
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,3}");

    /** What is written of it, or what holds where nothing is. */
    static StatisticsPolicy read(Written root, PolicyReader reader) {
        Written node = root.member(MEMBER);
        Written floor = node.isSaid() && reader.requireMembers(node, Set.of("floor"), " in statistics")
                ? node.member("floor")
                : Written.NOT;
        if (!floor.isSaid()) {
            return new StatisticsPolicy(UNSAID);
        }
        boolean isNumber = floor.token() == JsonToken.VALUE_NUMBER_INT
                && NUMBER.matcher(floor.text()).matches();
        int number = isNumber ? Integer.parseInt(floor.text()) : 0;
        if (number < MIN || number > MAX) {
            reader.fault(floor, "has a statistics.floor other than " + MIN + " to " + MAX);
        }
        return new StatisticsPolicy(number);
    }
}

package org.patronvault.core.policy;

/**
 * The policy's setting for statistics.
 *
 * @param floor the smallest number of patrons that is shown
 */
record StatisticsPolicy(int floor) {
    /** The member of a policy that {@link #read} reads. */
    static final String MEMBER = "statistics";

    private static final int UNSAID = 10;
    private static final int MIN = 3;
    private static final int MAX = 1_000;

    /** Reads this setting from the policy, or returns the default if there is none. */
    static StatisticsPolicy read(YamlNode root, PolicyReader reader) {
        YamlNode floor = reader.only(root, MEMBER, "floor").member("floor");
        if (!floor.isSaid()) {
            return new StatisticsPolicy(UNSAID);
        }
        int number = floor.wholeNumber();
        if (number < MIN || number > MAX) {
            reader.fault(floor, "has a statistics.floor other than " + MIN + " to " + MAX);
        }
        return new StatisticsPolicy(number);
    }
}

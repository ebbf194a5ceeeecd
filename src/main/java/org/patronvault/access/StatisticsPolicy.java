package org.patronvault.access;

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

    /** What is written of it, or what holds where nothing is. */
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

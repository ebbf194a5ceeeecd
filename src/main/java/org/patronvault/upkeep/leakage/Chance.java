package org.patronvault.upkeep.leakage;

/** What chance alone would bring about. */
final class Chance {
    private static final double ONCE_IN_A_MILLION = 1e-6;

    /** What would follow adds less than a thousandth of what it is asked for. */
    private static final double NOTHING = 1e-15;

    private Chance() {}

    /**
     * Whether so many are more than chance explains where {@code mean} are to be expected: less than once in a million
     * times there would be (Poisson).
     */
    static boolean isExceeded(double mean, long count) {
        if (count <= mean || mean == 0) {
            return count > mean;
        }
        // Summed from there upwards, so that nothing is a small difference of large numbers, whatever the mean is.
        double atLeast = 0;
        double term = exactly(mean, count);
        for (long k = count; atLeast < ONCE_IN_A_MILLION && term > NOTHING; k++) {
            atLeast += term;
            term *= mean / (k + 1);
        }
        return atLeast < ONCE_IN_A_MILLION;
    }

    /** How likely it is that there are so many, 1 or more. */
    private static double exactly(double mean, long count) {
        double more = count - mean;
        double stirling = Math.log(2 * Math.PI * count) / 2 + 1.0 / 12 / count;
        return Math.exp(more - count * Math.log1p(more / mean) - stirling);
    }
}

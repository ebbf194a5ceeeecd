package org.patronvault.upkeep.leakage;

/** What chance alone would bring about. */
final class Chance {
    private static final double ONCE_IN_A_MILLION = 1e-6;

    private Chance() {}

    /**
     * Whether so many are more than chance explains where {@code mean} are to be expected: less than once in a million
     * times there would be (Poisson).
     */
    static boolean isExceeded(double mean, long count) {
        double atLeast = 1;
        double term = Math.exp(-mean);
        if (count <= mean || term == 0) {
            // Far out, the normal distribution is as good; 4.75 standard deviations are once in a million times.
            return count > mean + 4.75 * Math.sqrt(mean);
        }
        for (long k = 0; k < count; k++) {
            atLeast -= term;
            term *= mean / (k + 1);
        }
        return atLeast < ONCE_IN_A_MILLION;
    }
}

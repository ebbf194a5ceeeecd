package org.patronvault.upkeep.leakage;

/** The statistics of chance. */
final class Chance {
    private static final double ONCE_IN_A_MILLION = 1e-6;

    /** Further terms add less than a thousandth of the wanted result. */
    private static final double NOTHING = 1e-15;

    private Chance() {}

    /**
     * Whether {@code count} is more than chance explains for a Poisson mean of {@code mean}: less than once in a
     * million times.
     */
    static boolean isExceeded(double mean, long count) {
        if (count <= mean || mean == 0) {
            return count > mean;
        }
        // Summed upwards from there, so that no result is a small difference of large numbers for any mean.
        double atLeast = 0;
        double term = exactly(mean, count);
        for (long k = count; atLeast < ONCE_IN_A_MILLION && term > NOTHING; k++) {
            atLeast += term;
            term *= mean / (k + 1);
        }
        return atLeast < ONCE_IN_A_MILLION;
    }

    /** The probability of exactly this count, 1 or more. */
    private static double exactly(double mean, long count) {
        double more = count - mean;
        double stirling = Math.log(2 * Math.PI * count) / 2 + 1.0 / 12 / count;
        return Math.exp(more - count * Math.log1p(more / mean) - stirling);
    }
}

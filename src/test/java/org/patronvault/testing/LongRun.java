package org.patronvault.testing;

/**
 * How much of a repeated test runs. Each build runs a few repetitions; {@code .ci/long} sets the system property {@code
 * test.long} and runs all of them. A test that is long in itself has the tag {@link #TAG} instead and runs there only.
 */
public final class LongRun {
    /** Tag of tests that {@code .ci/long} runs and other builds leave out. */
    public static final String TAG = "long";

    /** Whether this is a long run. */
    public static final boolean ON = Boolean.getBoolean("test.long");

    private LongRun() {}

    /** Returns {@code all} in a long run, else {@code few}. */
    public static int times(int few, int all) {
        return ON ? all : few;
    }
}

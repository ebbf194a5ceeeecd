package org.patronvault.testing;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Skips a test for want of something the machine lacks; where everything must be there (CI=true), fails it. */
public final class Skips {
    private Skips() {}

    /** Goes on if {@code ok}; otherwise skips with {@code reason}, or fails with it where the variable CI is true. */
    public static void unless(boolean ok, String reason) {
        if (!ok && Boolean.parseBoolean(System.getenv("CI"))) {
            fail("must not be skipped here: " + reason);
        }
        assumeTrue(ok, reason);
    }

    /** Skips with {@code reason} if {@code so}, in CI too: the test has no meaning here, or may be without what it needs. */
    public static void pointless(boolean so, String reason) {
        assumeTrue(!so, reason);
    }
}

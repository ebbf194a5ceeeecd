package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tests that the once-in-a-million limit holds for every mean. */
final class ChanceTest {
    @Test
    void countThatIsLessLikelyThanOnceInAMillionIsTheFirstToBeTold() {
        assertFirst(0.001, 2);
        assertFirst(1, 10);
        assertFirst(10, 29);
        assertFirst(100, 152);
    }

    private static void assertFirst(double mean, long count) {
        assertThat(Chance.isExceeded(mean, count - 1)).isFalse();
        assertThat(Chance.isExceeded(mean, count)).isTrue();
    }

    @Test
    void twoDeviationsAreNotTold() {
        for (double mean : new double[] {0.5, 9, 99, 101, 743, 744, 745, 746, 1e4, 1e6, 1e12}) {
            assertThat(Chance.isExceeded(mean, (long) (mean + 2 * Math.sqrt(mean))))
                    .as("%s", mean)
                    .isFalse();
        }
    }

    @Test
    void sevenDeviationsAreTold() {
        for (double mean : new double[] {9, 99, 101, 743, 744, 745, 746, 1e4, 1e6, 1e12}) {
            assertThat(Chance.isExceeded(mean, (long) (mean + 7 * Math.sqrt(mean))))
                    .as("%s", mean)
                    .isTrue();
        }
    }

    @Test
    void whereNoneIsToBeExpectedOneIsTold() {
        assertThat(Chance.isExceeded(0, 0)).isFalse();
        assertThat(Chance.isExceeded(0, 1)).isTrue();
    }
}

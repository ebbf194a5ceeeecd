package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests that random bytes are never reported, in any number, and meaningful ones are. */
final class SingleBytesTest {
    /** Values of which the last byte is one of so many. */
    private static SingleBytes.Outcome outcome(int values, int bytes, int kinds) {
        Random random = new Random(2018);
        SingleBytes single = new SingleBytes();
        for (int n = 0; n < values; n++) {
            byte[] value = new byte[bytes];
            random.nextBytes(value);
            value[bytes - 1] = (byte) random.nextInt(kinds);
            single.add("t.c", value);
            single.add("t.other", new byte[] {(byte) n});
        }
        return single.outcome();
    }

    @Test
    void randomBytesOfFewValuesAndOfManyAreNotTold() {
        for (int values : new int[] {256, 700, 20_000}) {
            SingleBytes.Outcome outcome = outcome(values, 400, 256);
            assertThat(outcome.places()).isEqualTo(401);
            assertThat(outcome.furthest()).isBetween(1.5, 7.0);
            assertThat(outcome.cells()).isEmpty();
        }
    }

    @Test
    void byteThatIsOneOfSomeIsTold() {
        for (int kinds : new int[] {1, 2, 12, 100}) {
            assertThat(outcome(256, 9, kinds).cells()).as("%d", kinds).containsExactly("t.c");
        }
        assertThat(outcome(20_000, 9, 250).cells()).containsExactly("t.c");
    }

    @Test
    void tooFewValuesAreNotLookedAt() {
        SingleBytes.Outcome outcome = outcome(255, 9, 1);
        assertThat(outcome.places()).isZero();
        assertThat(outcome.cells()).isEmpty();
    }

    @Test
    void memoryIsBoundedHoweverManyLengthsThereAre() {
        SingleBytes single = new SingleBytes();
        for (int length = 1; length < 3_000; length++) {
            single.add("t.c", new byte[length]);
        }
        for (int n = 0; n < 300; n++) {
            single.add("t.c", new byte[64]);
            single.add("t.late", new byte[64]);
        }
        assertThat(single.outcome().places()).isEqualTo(64);
    }
}

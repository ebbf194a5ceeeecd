package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests that chance repeats of four bytes are not reported, and slightly more are. */
final class ShortStringsTest {
    private static ShortStrings random(Random random, int values) {
        ShortStrings strings = new ShortStrings();
        for (int n = 0; n < values; n++) {
            byte[] value = new byte[n % 3 == 0 ? 20 : 12];
            random.nextBytes(value);
            strings.add(value);
        }
        return strings;
    }

    @Test
    void ofManyRandomValuesAsManyAreEqualAsByBirthday() {
        ShortStrings strings = random(new Random(2018), 300_000);
        // Nine places of 300,000 values, and eight of 100,000.
        double birthday = (9 * 300_000.0 * 300_000 + 8 * 100_000.0 * 100_000) / 2 / 0x1p32;
        assertThat(strings.byChance()).isCloseTo(birthday / 2, within(1.0));
        assertThat((double) strings.recurrences())
                .isCloseTo(strings.byChance(), within(4 * Math.sqrt(strings.byChance())));
        assertThat(strings.isMore()).isFalse();
    }

    @Test
    void fewThatAreEqualAmongManyAreTold() {
        ShortStrings strings = random(new Random(2018), 1_000);
        assertThat(strings.isMore()).isFalse();
        for (int n = 0; n < 4; n++) {
            strings.add(new byte[] {1, 2, 3, 4});
        }
        assertThat(strings.isMore()).isTrue();
    }
}

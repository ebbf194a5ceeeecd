package org.patronvault.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.patronvault.privacy.disclosure.CaseNumbers;

/** Of requests for records no number under the floor is told, nor comes out by those that are. */
class RequestNumbersTest {
    private static final int FLOOR = 10;
    private static final int MOST = 45;

    /** How many values of a part are possible, for somebody who reads what is told and knows the rule of the floor. */
    private static long possible(TransparencyReport.Requests told, int part) {
        return LongStream.rangeClosed(0, MOST)
                .filter(value -> isPossible(told, part, value))
                .count();
    }

    private static boolean isPossible(TransparencyReport.Requests told, int part, long value) {
        for (long received = 0; received <= MOST; received++) {
            for (long other = 0; other + value <= received; other++) {
                CaseNumbers.Numbers numbers = part == 0
                        ? new CaseNumbers.Numbers(received, value, other)
                        : part == 1
                                ? new CaseNumbers.Numbers(received, other, value)
                                : new CaseNumbers.Numbers(received, other, received - other - value);
                if (Transparency.told(numbers, FLOOR).equals(told)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void noPartUnderTheFloorComesOutByTheOthers() {
        for (long received = 0; received <= MOST; received += 3) {
            for (long refused = 0; refused <= received; refused += 2) {
                for (long complied = 0; complied + refused <= received; complied += 2) {
                    long[] parts = {refused, complied, received - refused - complied};
                    TransparencyReport.Requests told =
                            Transparency.told(new CaseNumbers.Numbers(received, refused, complied), FLOOR);
                    for (int part = 0; part < parts.length; part++) {
                        if (parts[part] < FLOOR) {
                            assertThat(possible(told, part))
                                    .as("part %d of %d: %d, %d", part, received, refused, complied)
                                    .isGreaterThan(1);
                        }
                    }
                    assertThat(LongStream.of(
                                    told.received().orElse(FLOOR),
                                    told.refused().orElse(FLOOR),
                                    told.complied().orElse(FLOOR)))
                            .allMatch(number -> number >= FLOOR);
                }
            }
        }
    }

    @Test
    void whatIsLargeEnoughIsTold() {
        TransparencyReport.Requests told = Transparency.told(new CaseNumbers.Numbers(60, 20, 25), FLOOR);
        assertThat(told)
                .isEqualTo(
                        new TransparencyReport.Requests(OptionalLong.of(60), OptionalLong.of(20), OptionalLong.of(25)));
        assertThat(Transparency.told(new CaseNumbers.Numbers(9, 4, 5), FLOOR))
                .isEqualTo(new TransparencyReport.Requests(
                        OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
    }
}

package org.patronvault.privacy.transparency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.patronvault.privacy.disclosure.CaseCounts;

/** Tests that no number of requests below the floor is published, nor can be computed from the published ones. */
class RequestNumbersTest {
    private static final int FLOOR = 10;
    private static final int MOST = 45;

    /** For each published report, the possible values of each part, for a reader who knows the rule of the floor. */
    private static final Map<TransparencyReport.Requests, List<Set<Long>>> POSSIBLE = possible();

    private static Map<TransparencyReport.Requests, List<Set<Long>>> possible() {
        Map<TransparencyReport.Requests, List<Set<Long>>> possible = new HashMap<>();
        for (long received = 0; received <= MOST; received++) {
            for (long refused = 0; refused <= received; refused++) {
                for (long complied = 0; complied + refused <= received; complied++) {
                    List<Set<Long>> parts = possible.computeIfAbsent(
                            Transparency.told(new CaseCounts.Numbers(received, refused, complied), FLOOR),
                            told -> List.of(new HashSet<>(), new HashSet<>(), new HashSet<>()));
                    parts.get(0).add(refused);
                    parts.get(1).add(complied);
                    parts.get(2).add(received - refused - complied);
                }
            }
        }
        return possible;
    }

    @Test
    void noPartUnderTheFloorComesOutByTheOthers() {
        for (long received = 0; received <= MOST; received += 3) {
            for (long refused = 0; refused <= received; refused += 2) {
                for (long complied = 0; complied + refused <= received; complied += 2) {
                    long[] parts = {refused, complied, received - refused - complied};
                    TransparencyReport.Requests told =
                            Transparency.told(new CaseCounts.Numbers(received, refused, complied), FLOOR);
                    for (int part = 0; part < parts.length; part++) {
                        if (parts[part] < FLOOR) {
                            assertThat(POSSIBLE.get(told).get(part))
                                    .as("part %d of %d: %d, %d", part, received, refused, complied)
                                    .hasSizeGreaterThan(1);
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
        TransparencyReport.Requests told = Transparency.told(new CaseCounts.Numbers(60, 20, 25), FLOOR);
        assertThat(told)
                .isEqualTo(
                        new TransparencyReport.Requests(OptionalLong.of(60), OptionalLong.of(20), OptionalLong.of(25)));
        assertThat(Transparency.told(new CaseCounts.Numbers(9, 4, 5), FLOOR))
                .isEqualTo(new TransparencyReport.Requests(
                        OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
    }
}

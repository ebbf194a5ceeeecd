package org.patronvault.patron.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.patronvault.core.model.PatronId;

final class SeenGenerationsTest {
    @Test
    void onlyAnEntryOfThatGenerationOfSomebodyWhoWasMetIsKnown() {
        SeenGenerations met = new SeenGenerations(2_000);
        for (long id = -5_000; id < 5_000; id += 2) {
            met.add(id, id + 7_000);
        }
        assertThat(met.isOne(new PatronId(-5_000), 2_000)).isTrue();
        assertThat(met.isOne(new PatronId(-1_002), 5_998)).isTrue();
        assertThat(met.isOne(new PatronId(-1_000), 6_000)).as("no room").isFalse();
        assertThat(met.isOne(new PatronId(-5_000), 2_001))
                .as("another generation")
                .isFalse();
        assertThat(met.isOne(new PatronId(-4_999), 2_001)).as("nobody").isFalse();
    }

    @Test
    void whoComesLateIsNotRemembered() {
        SeenGenerations met = new SeenGenerations(10);
        met.add(5, 1);
        met.add(3, 1);
        met.add(7, 1);
        assertThat(met.isOne(new PatronId(3), 1)).isFalse();
        assertThat(met.isOne(new PatronId(7), 1)).isTrue();
    }
}

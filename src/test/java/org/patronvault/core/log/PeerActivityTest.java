package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PeerActivityTest {
    private long now = Long.MAX_VALUE - 10;
    private final PeerActivity neighbours = new PeerActivity(() -> now);

    @Test
    void whoseEntriesFollowEachOtherIsAlone() {
        neighbours.wrote(17, 20);
        neighbours.wrote(20, 21);

        assertThat(neighbours.arePresent()).isFalse();
    }

    @Test
    void anEntryBetweenIsAnothers() {
        neighbours.wrote(17, 20);
        neighbours.wrote(21, 22);

        assertThat(neighbours.arePresent()).isTrue();
    }

    @Test
    void theyAreForgottenAfterAMinuteWithoutAnEntryOfTheirs() {
        neighbours.wrote(17, 20);
        neighbours.wrote(21, 22);
        now += TimeUnit.SECONDS.toNanos(59);
        neighbours.wrote(22, 30);
        assertThat(neighbours.arePresent()).isTrue();

        now += TimeUnit.SECONDS.toNanos(1);

        assertThat(neighbours.arePresent()).isFalse();
    }
}

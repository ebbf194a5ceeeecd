package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.LogMaintenance.DeletedDataPurge;

/** Tests of when deleted bytes are cleared from the database's files. */
final class DeletedDataPurgeTest {
    private final AtomicBoolean succeeds = new AtomicBoolean(true);
    private final AtomicInteger times = new AtomicInteger();
    private final DeletedDataPurge purge = new DeletedDataPurge(patience -> {
        times.incrementAndGet();
        return succeeds.get();
    });

    private int turns(int count) {
        times.set(0);
        for (int i = 0; i < count; i++) {
            purge.turn();
        }
        return times.get();
    }

    @Test
    void whatIsNotDoneIsTriedWithEachTurnUntilItIs() {
        succeeds.set(false);
        assertThat(turns(3)).isEqualTo(3);
        succeeds.set(true);
        assertThat(turns(3)).isEqualTo(1);
        succeeds.set(false);
        purge.begin(0);
        assertThat(turns(2)).isEqualTo(2);
    }

    @Test
    void whatIsDoneIsNotTriedAgainBeforeTheNextErasure() {
        assertThat(turns(2)).isEqualTo(1);
        assertThat(turns(2)).isZero();
        purge.begin(0);
        assertThat(turns(2)).isZero();
    }
}

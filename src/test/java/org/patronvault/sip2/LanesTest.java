package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Tests of which client's tasks wait behind which. */
final class LanesTest {
    private final Queue<Runnable> handed = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private final Lanes lanes = new Lanes(handed::add, 2, 3);

    private void ask(String client, int n) {
        lanes.execute(client, () -> done.add(client + n));
    }

    @Test
    void oneClientTakesItsPartAndTheRestWaitsBehindItsOwn() {
        for (int n = 1; n <= 5; n++) {
            ask("a", n);
        }
        ask("b", 1);
        assertThat(handed).hasSize(3);
        assertThatThrownBy(() -> ask("a", 6)).isInstanceOf(RejectedExecutionException.class);
        ask("b", 2);
        while (!handed.isEmpty()) {
            handed.remove().run();
        }
        assertThat(done).containsExactly("a1", "a2", "b1", "b2", "a3", "a4", "a5");
        ask("a", 7);
        assertThat(handed).hasSize(1);
    }

    @Test
    void whatFailsMakesRoomForTheNext() {
        for (int n = 0; n < 2; n++) {
            lanes.execute("a", () -> {
                throw new IllegalStateException("failed");
            });
        }
        ask("a", 1);
        for (int n = 0; n < 2; n++) {
            assertThatThrownBy(() -> handed.remove().run()).isInstanceOf(IllegalStateException.class);
        }
        handed.remove().run();
        assertThat(done).containsExactly("a1");
    }
}

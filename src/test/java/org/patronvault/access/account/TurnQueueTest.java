package org.patronvault.access.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests of the order of turns, and of refusals. */
final class TurnQueueTest {
    private static final int MOST = 5;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final TurnQueue queue = new TurnQueue(1, MOST, 60, TurnQueueTest::busy);
    private final Semaphore steps = new Semaphore(0);
    private final List<String> done = new ArrayList<>();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private static Refused busy() {
        return new Refused(Problem.BUSY, "Busy.", 1);
    }

    /** Work that ends with the next step. */
    private CompletableFuture<Void> enter(String name, String network, int wrong) {
        return queue.run(network, wrong, threads, () -> {
            steps.acquireUninterruptibly();
            synchronized (done) {
                done.add(name);
            }
        });
    }

    private List<String> finish(List<CompletableFuture<Void>> calls) {
        steps.release(calls.size());
        calls.forEach(CompletableFuture::join);
        return done;
    }

    private static void assertBusy(CompletableFuture<Void> call) {
        assertThatThrownBy(call::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(Refused.class)
                .hasMessageContaining("Busy.");
    }

    @Test
    void fewestWrongTriesGoFirstWheneverTheyCame() {
        List<CompletableFuture<Void>> calls = List.of(
                enter("running", "a", 9),
                enter("seven", "b", 7),
                enter("one", "c", 1),
                enter("none", "d", 0),
                enter("host", "", TurnQueue.FIRST));
        assertThat(finish(calls)).containsExactly("running", "host", "none", "one", "seven");
    }

    @Test
    void callsOfOneNetworkWaitBehindThoseOfOthers() {
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(enter("flood", "a", 0));
        }
        calls.add(enter("quiet", "b", 0));
        assertThat(finish(calls)).startsWith("flood", "quiet");
    }

    @Test
    void lastIsRefusedWhenTooManyWaitAndAQuietOneFindsAPlace() {
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        calls.add(enter("running", "a", 0));
        for (int i = 1; i <= MOST; i++) {
            calls.add(enter("guesser " + i, "network " + i, i));
        }
        calls.add(enter("quiet", "q", 0));
        assertBusy(calls.remove(MOST));
        assertBusy(enter("another guesser", "x", 50));
        assertThat(finish(calls)).startsWith("running", "quiet").hasSize(MOST + 1);
    }

    @Test
    void whoWaitsInVainIsRefusedAndTheOthersGoOn() {
        TurnQueue hasty = new TurnQueue(1, MOST, 0, TurnQueueTest::busy);
        CompletableFuture<Void> running = hasty.run("a", 0, threads, steps::acquireUninterruptibly);
        assertThatThrownBy(() -> hasty.call("b", 0, () -> "")).isInstanceOf(Refused.class);
        steps.release();
        running.join();
        assertThat(hasty.<String>call("b", 0, () -> "its turn")).isEqualTo("its turn");
    }

    @Test
    void workThatFailsGivesItsTurnBack() {
        assertThatThrownBy(() -> queue.call("a", 0, () -> {
                    throw new IllegalStateException("failed");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(queue.<String>call("b", 0, () -> "its turn")).isEqualTo("its turn");
    }
}

package org.patronvault.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.IntegrityException;

/** Tests that callers that ask at the same moment share one question, and each gets its own answer. */
final class TogetherTest {
    private final ExecutorService askers = Executors.newCachedThreadPool();
    private final ConcurrentLinkedQueue<List<Integer>> asked = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<CompletableFuture<Void>> held = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        askers.shutdownNow();
    }

    /** Answers with the negative; 0 waits until it is released. */
    private List<Integer> negatives(List<Integer> questions) {
        asked.add(questions);
        if (questions.contains(0)) {
            CompletableFuture<Void> letGo = new CompletableFuture<>();
            held.add(letGo);
            letGo.join();
        }
        if (questions.contains(13)) {
            throw new IntegrityException("thirteen");
        }
        if (questions.contains(17)) {
            throw new IllegalArgumentException("seventeen");
        }
        if (questions.contains(19)) {
            throw new AssertionError("nineteen");
        }
        return questions.stream().map(question -> -question).toList();
    }

    /** Starts callers that ask while the only turn is taken, in that order. The turn is free when this returns. */
    private List<Future<Integer>> meanwhile(Together<Integer, Integer> together, int... questions) throws Exception {
        Future<Integer> first = askers.submit(() -> together.ask(0));
        CompletableFuture<Void> letGo = held.take();
        List<Future<Integer>> others = IntStream.of(questions)
                .mapToObj(question -> {
                    int before = together.underWay();
                    Future<Integer> other = askers.submit(() -> together.ask(question));
                    while (together.underWay() == before) {
                        Thread.onSpinWait();
                    }
                    return other;
                })
                .toList();
        letGo.complete(null);
        assertThat(first.get()).isZero();
        return others;
    }

    @Test
    void whoIsAloneAsksAtOnce() {
        Together<Integer, Integer> together = new Together<>(1, this::negatives);
        assertThat(together.ask(4)).isEqualTo(-4);
        assertThat(together.ask(5)).isEqualTo(-5);
        assertThat(asked).containsExactly(List.of(4), List.of(5));
    }

    @Test
    void whoComesWhileAllTurnsAreTakenGoesWithTheOthersInTheNext() throws Exception {
        Together<Integer, Integer> together = new Together<>(1, this::negatives);
        List<Future<Integer>> others = meanwhile(together, 1, 2, 2, 3);
        assertThat(others.get(0).get()).isEqualTo(-1);
        assertThat(others.get(1).get()).isEqualTo(-2);
        assertThat(others.get(2).get()).isEqualTo(-2);
        assertThat(others.get(3).get()).isEqualTo(-3);
        assertThat(asked).containsExactly(List.of(0), List.of(1, 2, 2, 3));
    }

    @Test
    void whereATurnIsFreeNobodyWaits() throws Exception {
        Together<Integer, Integer> together = new Together<>(2, this::negatives);
        Future<Integer> first = askers.submit(() -> together.ask(0));
        CompletableFuture<Void> letGo = held.take();
        assertThat(together.ask(7)).isEqualTo(-7);
        letGo.complete(null);
        assertThat(first.get()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 17})
    void failureIsOfWhomItConcerns(int failing) throws Exception {
        Together<Integer, Integer> together = new Together<>(1, this::negatives);
        List<Future<Integer>> others = meanwhile(together, 1, failing, 3);
        assertThat(others.get(0).get()).isEqualTo(-1);
        assertThatThrownBy(others.get(1)::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(failing == 13 ? IntegrityException.class : IllegalArgumentException.class);
        assertThat(others.get(2).get()).isEqualTo(-3);
        assertThat(together.underWay()).isZero();
    }

    @Test
    void whereTheOneWhoAsksForAllDiesTheOthersAskThemselves() throws Exception {
        Together<Integer, Integer> together = new Together<>(1, this::negatives);
        List<Future<Integer>> others = meanwhile(together, 1, 19, 3);
        assertThatThrownBy(others.get(0)::get).hasCauseInstanceOf(AssertionError.class);
        assertThatThrownBy(others.get(1)::get).hasCauseInstanceOf(AssertionError.class);
        assertThat(others.get(2).get()).isEqualTo(-3);
        assertThat(together.underWay()).isZero();
    }

    @Test
    void whoHasWaitedForLongAsksAlone() throws Exception {
        Together<Integer, Integer> together = new Together<>(1, 20, this::negatives);
        Future<Integer> first = askers.submit(() -> together.ask(0));
        CompletableFuture<Void> letGo = held.take();
        assertThat(together.ask(5)).isEqualTo(-5);
        assertThat(together.underWay()).isOne();
        letGo.complete(null);
        assertThat(first.get()).isZero();
        assertThat(together.underWay()).isZero();
    }

    @Test
    void noTurnIsLostToThoseWhoGoAway() throws Exception {
        Together<Integer, Integer> together = new Together<>(1, 1, questions -> {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(2_000_000));
            return questions;
        });
        List<Future<Boolean>> all = IntStream.range(0, 16)
                .mapToObj(n -> askers.submit(() -> IntStream.range(0, 200).allMatch(i -> together.ask(n) == n)))
                .toList();
        for (Future<Boolean> one : all) {
            assertThat(one.get()).isTrue();
        }
        assertThat(together.underWay()).isZero();
    }

    @Test
    void ofManyEachGetsTheAnswerOfAfterTheQuestion() throws Exception {
        AtomicInteger clock = new AtomicInteger();
        Together<Integer, Integer> together = new Together<>(2, questions -> {
            int begun = clock.incrementAndGet();
            return questions.stream().map(question -> begun).toList();
        });
        CyclicBarrier start = new CyclicBarrier(16);
        List<Future<Boolean>> all = IntStream.range(0, 16)
                .mapToObj(n -> askers.submit(() -> {
                    start.await();
                    boolean sound = true;
                    for (int i = 0; i < 2_000; i++) {
                        int before = clock.get();
                        sound &= together.ask(n) > before;
                    }
                    return sound;
                }))
                .toList();
        for (Future<Boolean> one : all) {
            assertThat(one.get()).isTrue();
        }
        assertThat(together.underWay()).isZero();
    }
}

package org.patronvault.core.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A coalescer of concurrent questions: callers that ask at the same moment share one round trip to a server. A caller
 * that finds a free turn takes it at once and alone. If all turns are taken, the caller waits for the first that ends.
 * Then all waiting callers are answered together, in the thread of one of them. A shared question starts after each of
 * its callers asked.
 *
 * <p>If a shared question fails, each caller asks alone, and so does a caller that has waited for long. So a fault of
 * one question, its stored data or its connection does not fail the others. Safe for use by many threads.
 *
 * @param <Q> the type of questions
 * @param <A> the type of answers
 */
public final class Together<Q, A> {
    private static final long PATIENCE_MILLIS = 500;

    /**
     * A waiting caller. Values written here before the turn is complete can be read once it is. A caller that left may
     * see them, or not.
     */
    private static final class Asker<Q, A> {
        private final Q question;

        /** The callers that this one is to ask for; empty once another has asked for it. */
        private final CompletableFuture<List<Asker<Q, A>>> turn = new CompletableFuture<>();

        private Optional<A> answer = Optional.empty();

        private Asker(Q question) {
            this.question = question;
        }
    }

    private final int turns;
    private final long patienceMillis;
    private final Function<List<Q>, List<A>> asking;
    private List<Asker<Q, A>> waiting = new ArrayList<>();
    private int taken;

    /**
     * Creates a coalescer of questions of one kind.
     *
     * @param turns the most shared round trips at once, not counting callers that ask alone after a failure
     * @param asking answers each question, in their order; its exception for one question is thrown to that question's
     *     caller
     */
    public Together(int turns, Function<List<Q>, List<A>> asking) {
        this(turns, PATIENCE_MILLIS, asking);
    }

    /** Creates a coalescer whose callers wait at most that long for a shared turn. */
    Together(int turns, long patienceMillis, Function<List<Q>, List<A>> asking) {
        this.turns = turns;
        this.patienceMillis = patienceMillis;
        this.asking = asking;
    }

    /** Asks, alone or with others. */
    public A ask(Q question) {
        Asker<Q, A> asker = new Asker<>(question);
        begin(asker);
        List<Asker<Q, A>> group = turn(asker);
        if (!group.isEmpty()) {
            lead(group);
        }
        return asker.answer.orElseGet(() -> asking.apply(List.of(question)).get(0));
    }

    /** Returns the number of taken turns and waiting callers. */
    synchronized int underWay() {
        return taken + waiting.size();
    }

    private synchronized void begin(Asker<Q, A> asker) {
        if (taken < turns) {
            taken++;
            boolean unused = asker.turn.complete(List.of(asker));
        } else {
            waiting.add(asker);
        }
    }

    private List<Asker<Q, A>> turn(Asker<Q, A> asker) {
        try {
            return asker.turn.get(patienceMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return given(asker);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return given(asker);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Removes a caller that stops waiting. Returns the callers whose turn it was just given, so that they are not left
     * without an answer.
     */
    private synchronized List<Asker<Q, A>> given(Asker<Q, A> asker) {
        boolean unused = waiting.remove(asker);
        return asker.turn.getNow(List.of());
    }

    private void lead(List<Asker<Q, A>> group) {
        try {
            answer(group);
        } finally {
            try {
                passOn();
            } finally {
                group.forEach(one -> one.turn.complete(List.of()));
            }
        }
    }

    private void answer(List<Asker<Q, A>> group) {
        List<A> answers;
        try {
            answers = asking.apply(group.stream().map(one -> one.question).toList());
        } catch (RuntimeException e) {
            if (group.size() == 1) {
                throw e;
            }
            // It is unknown which question caused it.
            return;
        }
        for (int i = 0; i < group.size(); i++) {
            group.get(i).answer = Optional.of(answers.get(i));
        }
    }

    private synchronized void passOn() {
        if (waiting.isEmpty()) {
            taken--;
            return;
        }
        List<Asker<Q, A>> group = waiting;
        waiting = new ArrayList<>();
        boolean unused = group.get(0).turn.complete(group);
    }
}

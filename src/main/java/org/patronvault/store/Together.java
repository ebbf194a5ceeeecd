package org.patronvault.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Has those who ask at the same moment ask as one, where a turn to a server costs more than what is asked. Who finds a
 * turn free takes it at once and alone; who finds all of them taken waits for the first that ends, and goes with all who
 * wait then, in the thread of one of them. What answers has begun after each of those it answers asked. Where asking for
 * several fails, each asks alone, and so does who has waited for long: what is wrong with one, be it the question, what
 * is stored or a connection, is not the others' failure. Safe for use by many threads.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public final class Together<Q, A> {
    private static final long PATIENCE_MILLIS = 500;

    /** One who asks. What is written here before the turn is complete can be read once it is; who left may see it, or not. */
    private static final class Asker<Q, A> {
        private final Q question;

        /** Those for whom this one is to ask; empty once others have asked for it. */
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
     * Questions of one kind.
     *
     * @param turns how many are under way at once, of those who do not ask alone because something failed
     * @param asking gives an answer to each question, in their order; what it throws for one question is thrown to who
     *     asked it
     */
    public Together(int turns, Function<List<Q>, List<A>> asking) {
        this(turns, PATIENCE_MILLIS, asking);
    }

    /** The same of those who wait for so long at most. */
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

    /** How many turns are taken, and how many wait for one. */
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

    /** Whoever waits no longer must not be left with a turn, and others with it. */
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
            // Whose fault it was is not known.
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

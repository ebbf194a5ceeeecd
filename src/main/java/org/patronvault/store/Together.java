package org.patronvault.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.patronvault.model.IntegrityException;

/**
 * Has those who ask at the same moment ask as one, where a turn to a server costs more than what is asked. Who finds a
 * turn free takes it at once and alone; who finds all of them taken waits for the first that ends, and goes with all who
 * wait then, in the thread of one of them. What answers has begun after each of those it answers asked. Safe for use by
 * many threads.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public final class Together<Q, A> {

    /** One who asks. What is written here before the turn is complete can be read once it is. */
    private static final class Asker<Q, A> {
        private final Q question;

        /** Those for whom this one is to ask; empty once it is answered. */
        private final CompletableFuture<List<Asker<Q, A>>> turn = new CompletableFuture<>();

        private Optional<A> answer = Optional.empty();
        private Optional<RuntimeException> failure = Optional.empty();

        private Asker(Q question) {
            this.question = question;
        }

        private A told() {
            failure.ifPresent(thrown -> {
                throw thrown;
            });
            return answer.orElseThrow(() -> new IllegalStateException("who asked for several ended without an answer"));
        }
    }

    private final int turns;
    private final Function<List<Q>, List<A>> asking;
    private final List<Asker<Q, A>> waiting = new ArrayList<>();
    private int taken;

    /**
     * Questions of one kind.
     *
     * @param turns how many are under way at once, at most
     * @param asking gives an answer to each question, in their order; whatever it throws is thrown to each who asked, but
     *     for an {@link IntegrityException}: that is one's alone, and so each is asked for by itself then
     */
    public Together(int turns, Function<List<Q>, List<A>> asking) {
        this.turns = turns;
        this.asking = asking;
    }

    /** Asks, alone or with others. */
    public A ask(Q question) {
        Asker<Q, A> asker = new Asker<>(question);
        begin(asker);
        List<Asker<Q, A>> group = asker.turn.join();
        if (!group.isEmpty()) {
            lead(group);
        }
        return asker.told();
    }

    /** How many wait for a turn. */
    public synchronized int waiting() {
        return waiting.size();
    }

    private synchronized void begin(Asker<Q, A> asker) {
        if (taken < turns) {
            taken++;
            boolean unused = asker.turn.complete(List.of(asker));
        } else {
            waiting.add(asker);
        }
    }

    private void lead(List<Asker<Q, A>> group) {
        try {
            answer(group);
        } finally {
            passOn();
            group.forEach(one -> one.turn.complete(List.of()));
        }
    }

    private void answer(List<Asker<Q, A>> group) {
        try {
            List<A> answers =
                    asking.apply(group.stream().map(one -> one.question).toList());
            for (int i = 0; i < group.size(); i++) {
                group.get(i).answer = Optional.of(answers.get(i));
            }
        } catch (IntegrityException e) {
            if (group.size() == 1) {
                group.get(0).failure = Optional.of(e);
            } else {
                group.forEach(one -> answer(List.of(one)));
            }
        } catch (RuntimeException e) {
            group.forEach(one -> one.failure = Optional.of(e));
        }
    }

    private void passOn() {
        Optional<List<Asker<Q, A>>> next = next();
        next.ifPresent(group -> group.get(0).turn.complete(group));
    }

    private synchronized Optional<List<Asker<Q, A>>> next() {
        if (waiting.isEmpty()) {
            taken--;
            return Optional.empty();
        }
        List<Asker<Q, A>> group = List.copyOf(waiting);
        waiting.clear();
        return Optional.of(group);
    }
}

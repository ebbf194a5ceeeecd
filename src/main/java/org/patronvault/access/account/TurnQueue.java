package org.patronvault.access.account;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.patronvault.core.model.Refused;

/**
 * A queue for work of which little runs at a time, such as hashing a password. The next turn goes to the network with
 * the fewest wrong tries, so a flood of them delays nobody else. One network's calls wait behind those of others. Ties
 * are broken at random, so no caller can hold the front. If too many wait, the last is refused. Thread-safe.
 */
public final class TurnQueue {
    /** The wrong tries of a caller with priority over all others. */
    public static final int FIRST = -1;

    private static final SecureRandom RANDOM = new SecureRandom();

    private static final class Waiter {
        private final String network;
        private final int wrong;
        private final int chance = RANDOM.nextInt();
        private final long number;
        private final CompletableFuture<Void> turn = new CompletableFuture<>();

        private Waiter(String network, int wrong, long number) {
            this.network = network;
            this.wrong = wrong;
            this.number = number;
        }

        private int wrong() {
            return wrong;
        }

        private int chance() {
            return chance;
        }

        private long number() {
            return number;
        }
    }

    private final int atOnce;
    private final int most;
    private final int longestSeconds;
    private final Supplier<Refused> busy;
    private final TreeSet<Waiter> waiting = new TreeSet<>(Comparator.comparingInt(Waiter::wrong)
            .thenComparingInt(Waiter::chance)
            .thenComparingLong(Waiter::number));
    private final List<String> taken = new ArrayList<>();
    private long entered;

    /**
     * Makes an empty queue.
     *
     * @param atOnce turns that run at a time
     * @param most callers that may wait
     * @param longestSeconds how long a caller waits
     * @param busy the refusal of a caller who waited too long
     */
    public TurnQueue(int atOnce, int most, int longestSeconds, Supplier<Refused> busy) {
        this.atOnce = atOnce;
        this.most = most;
        this.longestSeconds = longestSeconds;
        this.busy = busy;
    }

    /**
     * Runs the work in its turn, in this thread, which waits.
     *
     * @param network the caller's network
     * @param wrong wrong tries of that network, or {@link #FIRST}
     * @throws Refused if it waited too long
     */
    public <T> T call(String network, int wrong, Supplier<T> work) {
        try {
            enter(network, wrong).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Refused refused ? refused : e;
        }
        try {
            return work.get();
        } finally {
            leave(network);
        }
    }

    /** Runs the work in its turn, by that executor; no thread waits. Fails with {@link Refused} as {@link #call}. */
    public CompletableFuture<Void> run(String network, int wrong, Executor executor, Runnable work) {
        return enter(network, wrong)
                .thenRunAsync(
                        () -> {
                            try {
                                work.run();
                            } finally {
                                leave(network);
                            }
                        },
                        executor);
    }

    private CompletableFuture<Void> enter(String network, int wrong) {
        Waiter mine;
        Waiter last = null;
        synchronized (this) {
            if (taken.size() < atOnce) {
                taken.add(network);
                return CompletableFuture.completedFuture(null);
            }
            mine = new Waiter(network, wrong == FIRST ? FIRST : wrong + under(network), entered++);
            waiting.add(mine);
            if (waiting.size() > most) {
                last = waiting.pollLast();
            }
        }
        if (last != null) {
            last.turn.completeExceptionally(busy.get());
        }
        if (last != mine) {
            CompletableFuture.delayedExecutor(longestSeconds, TimeUnit.SECONDS).execute(() -> giveUp(mine));
        }
        return mine.turn;
    }

    /** Counts the calls of that network that wait or run. */
    private int under(String network) {
        return (int)
                (waiting.stream().filter(one -> one.network.equals(network)).count()
                        + taken.stream().filter(network::equals).count());
    }

    private void giveUp(Waiter one) {
        boolean waits;
        synchronized (this) {
            waits = waiting.remove(one);
        }
        if (waits) {
            one.turn.completeExceptionally(busy.get());
        }
    }

    private void leave(String network) {
        Waiter next;
        synchronized (this) {
            taken.remove(network);
            next = waiting.pollFirst();
            if (next != null) {
                taken.add(next.network);
            }
        }
        if (next != null) {
            next.turn.complete(null);
        }
    }
}

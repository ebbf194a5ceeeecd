package org.patronvault.privacy.entitlement;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A cache of the answers to checks that callers repeat under a key of theirs, for a minute. A repetition gets the first
 * answer, and the work is done once, even for concurrent calls. It knows a question by a keyed hash alone. Safe for use
 * by many threads.
 *
 * @param <A> an answer
 */
final class RepeatedChecks<A> {
    private static final long KEPT = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST = 100_000;
    private static final int TWIN_SECONDS = 1;

    private record Mark(String client, String key) {}

    /** @param asked the keyed hash of the question */
    private record CachedAnswer<A>(byte[] asked, A answer) {}

    private final Prf alike = Prf.of(SecureBytes.random(Prf.OUTPUT_BYTES));
    private final Recent<Mark, CompletableFuture<CachedAnswer<A>>> recent;

    /** An empty cache, by that monotonic clock in nanoseconds. */
    RepeatedChecks(LongSupplier nanoTime) {
        this.recent = new Recent<>(KEPT, MOST, nanoTime);
    }

    /**
     * Returns the answer to that question; a refused one may be asked again.
     *
     * @param said the whole question
     * @param isQuick whether a repetition may wait for the first call; if not, it is refused as busy
     * @throws Refused {@code idempotency-key-reused} for another question under the same key; {@code busy} while the
     *     first call takes long
     */
    A once(String client, String key, byte[] said, boolean isQuick, Supplier<A> work) {
        Mark mark = new Mark(client, key);
        byte[] asked = alike.full(said);
        CompletableFuture<CachedAnswer<A>> mine = new CompletableFuture<>();
        CompletableFuture<CachedAnswer<A>> first = recent.putIfAbsent(mark, mine);
        if (first == null) {
            return answerFirst(mark, mine, asked, work);
        }
        CachedAnswer<A> given = await(first, isQuick ? TWIN_SECONDS : 0);
        if (!Arrays.equals(given.asked(), asked)) {
            throw new Refused(
                    Problem.IDEMPOTENCY_KEY_REUSED, "That Idempotency-Key was used for another check already.");
        }
        return given.answer();
    }

    private A answerFirst(Mark mark, CompletableFuture<CachedAnswer<A>> mine, byte[] asked, Supplier<A> work) {
        try {
            A answer = work.get();
            mine.complete(new CachedAnswer<>(asked, answer));
            return answer;
        } catch (RuntimeException e) {
            recent.remove(mark, mine);
            mine.completeExceptionally(e);
            throw e;
        }
    }

    private static <A> CachedAnswer<A> await(CompletableFuture<CachedAnswer<A>> first, int seconds) {
        try {
            return first.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Refused refused ? refused : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw busy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        }
    }

    /** Forgets answers that are a minute old. */
    void tidy() {
        recent.tidy();
    }

    private static Refused busy() {
        return new Refused(Problem.BUSY, "That very check is being answered; send it again.", TWIN_SECONDS);
    }

    /**
     * A map that forgets each value after a fixed time. It has two generations: the younger takes new values until it
     * is old or full, and then the older is dropped. So every value stays for the whole time, unless there are more
     * than it has room for; then the oldest are dropped first, of whichever key. Safe for use by many threads.
     */
    static final class Recent<K, V> {
        private record Timed<V>(V value, long at) {}

        private record Generations<K, V>(long began, Map<K, Timed<V>> younger, Map<K, Timed<V>> older) {}

        private final long lengthNanos;
        private final int most;
        private final LongSupplier nanoTime;
        private volatile Generations<K, V> generations;

        /**
         * An empty map.
         *
         * @param lengthNanos how long values stay, in nanoseconds
         * @param most the most values of a generation
         * @param nanoTime a monotonic clock
         */
        Recent(long lengthNanos, int most, LongSupplier nanoTime) {
            this.lengthNanos = lengthNanos;
            this.most = most;
            this.nanoTime = nanoTime;
            this.generations =
                    new Generations<>(nanoTime.getAsLong(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }

        /** Returns the value under that key; if there is none, stores {@code value} and returns null. */
        V putIfAbsent(K key, V value) {
            Generations<K, V> now = current();
            Timed<V> older = now.older().get(key);
            if (older != null && !isOver(older.at())) {
                return older.value();
            }
            Timed<V> first = now.younger().putIfAbsent(key, new Timed<>(value, nanoTime.getAsLong()));
            return first == null ? null : first.value();
        }

        /** Removes that value. */
        void remove(K key, V value) {
            for (Map<K, Timed<V>> one : List.of(generations.younger(), generations.older())) {
                one.computeIfPresent(key, (same, timed) -> timed.value().equals(value) ? null : timed);
            }
        }

        /** Drops expired values without a query. */
        void tidy() {
            Generations<K, V> unused = current();
        }

        private Generations<K, V> current() {
            Generations<K, V> now = generations;
            return isOver(now) ? next() : now;
        }

        private boolean isOver(Generations<K, V> now) {
            return isOver(now.began()) || now.younger().size() >= most;
        }

        private boolean isOver(long since) {
            return nanoTime.getAsLong() - since > lengthNanos;
        }

        private synchronized Generations<K, V> next() {
            if (isOver(generations)) {
                boolean isLongOver = isOver(generations.began() + lengthNanos);
                generations = new Generations<>(
                        nanoTime.getAsLong(),
                        new ConcurrentHashMap<>(),
                        isLongOver ? new ConcurrentHashMap<>() : generations.younger());
            }
            return generations;
        }
    }
}

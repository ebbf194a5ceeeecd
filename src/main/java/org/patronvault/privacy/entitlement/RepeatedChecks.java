package org.patronvault.privacy.entitlement;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
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
}

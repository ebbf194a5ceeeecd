package org.patronvault.privacy.entitlement;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.crypto.Prf;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * What is asked again under the mark its caller gave it, for a minute: the answer is the first one, and the work is done
 * once, also for those who come at the same moment. What was asked is known by a keyed hash alone. Safe for use by many
 * threads.
 *
 * @param <A> an answer
 */
final class RepeatedChecks<A> {
    private static final long KEPT = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST = 100_000;
    private static final int TWIN_SECONDS = 1;

    private record Mark(String client, String key) {}

    /** @param asked stands for the question */
    private record CachedAnswer<A>(byte[] asked, A answer) {}

    private final Prf alike = Prf.of(SecureBytes.random(Prf.OUTPUT_BYTES));
    private final Recent<Mark, CompletableFuture<CachedAnswer<A>>> recent;

    /** Nothing was asked yet; by that monotonic clock, in nanoseconds. */
    RepeatedChecks(LongSupplier nanoTime) {
        this.recent = new Recent<>(KEPT, MOST, nanoTime);
    }

    /**
     * The answer to that question; one that is refused may be asked again.
     *
     * @param said the whole question
     * @param isQuick whether a twin may wait for the first; else it is told that it is under way
     * @throws Refused {@code idempotency-key-reused} for another question under the same mark; {@code busy} while the
     *     first takes long
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

    /** Forgets what is a minute old. */
    void tidy() {
        recent.tidy();
    }

    private static Refused busy() {
        return new Refused(Problem.BUSY, "That very check is being answered; send it again.", TWIN_SECONDS);
    }
}

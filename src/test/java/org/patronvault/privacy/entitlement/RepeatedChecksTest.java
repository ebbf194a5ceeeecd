package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests of a check that is repeated under its key before the first is answered. */
@Timeout(60)
final class RepeatedChecksTest {
    private static final byte[] SAID = {1};
    private final RepeatedChecks<String> repeats = new RepeatedChecks<>(System::nanoTime);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    private CompletableFuture<String> first() throws InterruptedException {
        CompletableFuture<String> first =
                CompletableFuture.supplyAsync(() -> repeats.once("hoopla", "k", SAID, false, () -> {
                    begun.countDown();
                    await(over);
                    return "yes";
                }));
        begun.await();
        return first;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String again() {
        return repeats.once("hoopla", "k", SAID, false, () -> "another");
    }

    @Test
    void twinOfWhatTakesLongIsToldSoAndHoldsNoThread() throws Exception {
        CompletableFuture<String> first = first();
        assertThatThrownBy(this::again)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.BUSY));
        over.countDown();
        assertThat(first.join()).isEqualTo("yes");
        assertThat(again()).isEqualTo("yes");
    }
}

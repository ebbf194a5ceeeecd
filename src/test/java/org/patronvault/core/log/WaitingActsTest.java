package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;

/** The order in which acts are taken: desks, systems in turn, and bulk acts now and then. */
class WaitingActsTest {
    private static final Actor CLERK = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");

    private final AtomicLong nanos = new AtomicLong();
    private final WaitingActs waiting = new WaitingActs(nanos::get);

    private PendingAct<?> act(String about, Actor by, Lane lane, boolean writes) {
        AccessEvent event = AccessEvent.of(Instant.EPOCH, by, ActKind.SEARCH, Outcome.DISCLOSED, new byte[16])
                .about(about);
        return new PendingAct<>(
                writes ? AuditLog.writing(event, now -> Decision.done(event)) : AuditLog.entry(event), lane);
    }

    private void offer(String about, Actor by, Lane lane) {
        assertThat(waiting.offer(act(about, by, lane, false))).as(about).isTrue();
    }

    private static Actor client(String name) {
        return new Actor(Actor.Kind.CLIENT, name, "ils", "");
    }

    private List<String> take() throws InterruptedException {
        return abouts(waiting.take());
    }

    private static List<String> abouts(List<PendingAct<?>> batch) {
        return batch.stream()
                .map(one -> one.act().attempt().about().orElseThrow())
                .toList();
    }

    @Test
    void desksGoFirstAndEachSystemHasItsTurn() throws InterruptedException {
        offer("a1", client("a"), Lane.DESK);
        offer("a2", client("a"), Lane.DESK);
        offer("a3", client("a"), Lane.DESK);
        offer("b1", client("b"), Lane.DESK);
        offer("desk1", CLERK, Lane.DESK);
        offer("desk2", CLERK, Lane.DESK);

        assertThat(take()).containsExactly("desk1", "desk2", "a1", "b1", "a2", "a3");
    }

    @Test
    void bulkActGoesAloneWhenNobodyElseWaits() throws InterruptedException {
        offer("bulk1", Actor.VAULT, Lane.BULK);
        offer("bulk2", Actor.VAULT, Lane.BULK);

        assertThat(take()).containsExactly("bulk1");
        assertThat(take()).containsExactly("bulk2");
    }

    @Test
    void bulkActWaitsForTwentyBatchesOfOthersAtMost() throws InterruptedException {
        offer("bulk", Actor.VAULT, Lane.BULK);
        List<List<String>> batches = new ArrayList<>();
        for (int i = 0; i <= WaitingActs.BATCHES_WITHOUT_BULK; i++) {
            offer("desk", CLERK, Lane.DESK);
            batches.add(take());
        }

        assertThat(batches.subList(0, WaitingActs.BATCHES_WITHOUT_BULK)).containsOnly(List.of("desk"));
        assertThat(batches.get(WaitingActs.BATCHES_WITHOUT_BULK)).containsExactly("bulk", "desk");
    }

    @Test
    void bulkActWaitsForASecondAtMost() throws InterruptedException {
        offer("bulk", Actor.VAULT, Lane.BULK);
        offer("desk1", CLERK, Lane.DESK);
        assertThat(take()).containsExactly("desk1");

        nanos.addAndGet(WaitingActs.NANOS_WITHOUT_BULK);
        offer("desk2", CLERK, Lane.DESK);

        assertThat(take()).containsExactly("bulk", "desk2");
    }

    @Test
    void bulkActThatComesAfterALongTimeOfOthersAloneStillWaits() throws InterruptedException {
        for (int i = 0; i <= WaitingActs.BATCHES_WITHOUT_BULK; i++) {
            offer("desk", CLERK, Lane.DESK);
            assertThat(take()).containsExactly("desk");
        }
        offer("bulk", Actor.VAULT, Lane.BULK);
        offer("desk", CLERK, Lane.DESK);

        assertThat(take()).containsExactly("desk");
    }

    @Test
    void batchTakesNoMoreThanItMayAndFewWritingActs() throws InterruptedException {
        for (int i = 0; i < WaitingActs.MAX_BATCH + 1; i++) {
            offer("desk" + i, CLERK, Lane.DESK);
        }
        assertThat(take()).hasSize(WaitingActs.MAX_BATCH);
        assertThat(take()).hasSize(1);

        for (int i = 0; i < WaitingActs.MAX_WRITING + 1; i++) {
            assertThat(waiting.offer(act("write" + i, CLERK, Lane.DESK, true))).isTrue();
        }
        List<PendingAct<?>> batch = waiting.take();
        assertThat(batch).hasSize(WaitingActs.MAX_WRITING);
        assertThat(take()).containsExactly("write" + WaitingActs.MAX_WRITING);
    }

    @Test
    void actsThatWerePutBackAreTakenFirstInTheirOrder() throws InterruptedException {
        for (String about : List.of("1", "2", "3", "4")) {
            offer(about, about.equals("3") ? client("c") : CLERK, Lane.DESK);
        }
        List<PendingAct<?>> batch = waiting.take();
        offer("5", CLERK, Lane.DESK);
        offer("6", client("d"), Lane.DESK);
        offer("7", client("c"), Lane.DESK);
        waiting.putBack(batch.subList(1, batch.size()));

        assertThat(take()).containsExactly("2", "4", "5", "6", "3", "7");
    }

    @Test
    void laneThatIsFullTakesNoMoreButOthersDo() {
        IntStream.range(0, Lane.BULK.places()).forEach(i -> offer("bulk", Actor.VAULT, Lane.BULK));

        assertThat(waiting.offer(act("bulk", Actor.VAULT, Lane.BULK, false))).isFalse();
        offer("desk", CLERK, Lane.DESK);
    }

    @Test
    void afterTheEndNothingIsTakenInAndWhatWaitedIsTakenOut() throws Exception {
        offer("desk", CLERK, Lane.DESK);
        waiting.end();

        assertThat(waiting.offer(act("late", CLERK, Lane.DESK, false))).isFalse();
        assertThat(take()).containsExactly("desk");
        assertThat(take()).isEmpty();
    }

    @Test
    void takerThatWaitsGetsTheActThatComes() throws Exception {
        CompletableFuture<List<String>> taken = CompletableFuture.supplyAsync(() -> {
            try {
                return take();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        offer("desk", CLERK, Lane.DESK);

        assertThat(taken.get(10, TimeUnit.SECONDS)).containsExactly("desk");
    }
}

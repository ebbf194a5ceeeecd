package org.patronvault.privacy.entitlement;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * How many wrong PINs were told of a card in the last ten minutes, on whichever node and before whichever restart. Here
 * one counts at once; elsewhere as soon as it is written, which nobody waits for, so that time does not tell a wrong one.
 * A row each, a MAC of the card: whoever reads the rows learns how many there are, and of no two whether they are of one
 * card. Of the while before this one the part that still counts is taken in proportion. Safe for use by many threads.
 */
final class WrongPins implements AutoCloseable {
    /** In place of an actor; the names of those have a colon. */
    private static final String ACTOR = "wrong-pin";

    private static final long WHILE_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final int TOKEN_SIZE_BYTES = 16;
    private static final int PATIENCE_SECONDS = 5;

    private record Told(String card, long window) {}

    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final IntSupplier most;
    private final SlidingCounts here = new SlidingCounts(TimeUnit.MILLISECONDS.toNanos(WHILE_MILLIS), System::nanoTime);
    private final LinkedBlockingQueue<Told> told = new LinkedBlockingQueue<>();
    private final ExecutorService writer = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "vault-wrong-pins");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * As the store says.
     *
     * @param clock by which all nodes tell one while from the next
     * @param most beyond how many they are too many
     */
    WrongPins(Store store, KeyCustody custody, Clock clock, IntSupplier most) {
        this.store = store;
        this.custody = custody;
        this.clock = clock;
        this.most = most;
    }

    /** Whether there were too many of that card; counts one more if this one was wrong. */
    boolean areTooMany(String card, boolean wrong) {
        long now = clock.millis();
        long window = now / WHILE_MILLIS;
        double rest = 1 - (double) (now % WHILE_MILLIS) / WHILE_MILLIS;
        int everywhere = store.read(tx -> written(tx, card, window) + (int) (written(tx, card, window - 1) * rest));
        if (wrong && everywhere <= most.getAsInt()) {
            told.add(new Told(card, window));
            writer.execute(this::writeTold);
        }
        return Math.max(wrong ? here.add(card) : here.count(card), everywhere) > most.getAsInt();
    }

    private int written(Tx tx, String card, long window) {
        return tx.limits().count(ACTOR, window, tokens(card, window, 0, most.getAsInt() + 1));
    }

    private void writeTold() {
        List<Told> ones = new ArrayList<>();
        told.drainTo(ones);
        if (ones.isEmpty()) {
            return;
        }
        try {
            store.write(tx -> write(tx, ones));
        } catch (Refused | StoreException e) {
            // Sealed meanwhile, full or busy: those count here alone.
        }
    }

    private List<Told> write(WriteTx tx, List<Told> ones) {
        ones.stream().collect(groupingBy(one -> one, counting())).forEach((one, times) -> {
            int before = written(tx, one.card(), one.window());
            // More than too many need not be told from one another.
            int after = Math.min(before + times.intValue(), most.getAsInt() + 1);
            int unused = tx.limits().remember(ACTOR, one.window(), tokens(one.card(), one.window(), before, after));
        });
        return ones;
    }

    /** Those that stand for the wrong PINs of a card in a window, from one to another. */
    private List<byte[]> tokens(String card, long window, int from, int to) {
        return IntStream.range(from, Math.max(from, to))
                .mapToObj(number -> CanonicalBytes.begin(ACTOR)
                        .lp(card)
                        .u64(window)
                        .u32(number)
                        .bytes())
                .map(input -> custody.keys().fingerprints().truncated(input, TOKEN_SIZE_BYTES))
                .toList();
    }

    /** Forgets what counts no more. */
    void tidy() {
        long window = clock.millis() / WHILE_MILLIS;
        if (store.read(tx -> tx.limits().isAnyBefore(ACTOR, window - 1))) {
            store.write(tx -> {
                tx.limits().forgetBefore(ACTOR, window - 1);
                return window;
            });
        }
    }

    /** Writes what is not written yet, if that can be. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}

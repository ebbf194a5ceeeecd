package org.patronvault.privacy.entitlement;

import static java.util.stream.Collectors.toSet;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.dual.EvenClock;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The number of wrong PINs that were tried for a card lately, over all nodes and restarts. On this node a wrong PIN
 * counts at once, on others after the next {@link #share}. Each is a row with a MAC of the card, and each other PIN
 * writes a random row. So neither the time of a write nor the rows reveal whether a PIN was right, nor which rows are
 * of one card.
 *
 * <p>A period is ten minutes. The previous period counts in proportion to its overlap. A card that had too many in it
 * stays refused until the current period is over. Safe for use by many threads.
 */
final class WrongPins {
    /** Takes the place of an actor; names of actors contain a colon. */
    private static final String ACTOR = "wrong-pin";

    private static final long WHILE_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final int TOKEN_SIZE_BYTES = 16;

    /** Cards in one transaction, which other writers wait for. */
    private static final int CARDS_AT_ONCE = 50;

    private static final int MOST_WAITING = 10_000;
    private static final Duration FORGETS = Duration.ofHours(1);

    /** A card, and the number of a period since 1970. */
    private record Told(String card, long when) {}

    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final EvenClock even;
    private final IntSupplier most;
    private final SlidingCounts here = new SlidingCounts(TimeUnit.MILLISECONDS.toNanos(WHILE_MILLIS), System::nanoTime);
    private final Map<Told, Integer> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger others = new AtomicInteger();

    /**
     * The counts in the store.
     *
     * @param clock the clock by which all nodes tell periods apart; another node's may be off by a period
     * @param nanoTime a monotonic clock, in nanoseconds
     * @param most more wrong PINs than this are too many
     */
    WrongPins(Store store, KeyCustody custody, Clock clock, LongSupplier nanoTime, IntSupplier most) {
        this.store = store;
        this.custody = custody;
        this.clock = clock;
        this.even = new EvenClock(clock, nanoTime);
        this.most = most;
    }

    /**
     * Whether the card has had too many wrong PINs; counts one more if this one was wrong.
     *
     * @param held whether a patron has the card: wrong PINs of other cards are not shared
     */
    boolean areTooMany(String card, boolean wrong, boolean held) {
        int limit = most.getAsInt();
        long now = clock.millis();
        long when = now / WHILE_MILLIS;
        int everywhere = store.read(tx -> {
            int before = written(tx, card, when - 1);
            double rest = before > limit ? 1 : 1 - (double) (now % WHILE_MILLIS) / WHILE_MILLIS;
            return (int) (before * rest) + written(tx, card, when) + written(tx, card, when + 1);
        });
        boolean tells = wrong && held && everywhere <= limit && waiting.size() < MOST_WAITING;
        if (tells) {
            waiting.merge(new Told(card, when), 1, Integer::sum);
        } else {
            others.incrementAndGet();
        }
        return Math.max(wrong ? here.add(card) : here.count(card), everywhere) > limit;
    }

    private int written(Tx tx, String card, long when) {
        // Under each version of the key: PINs counted before a rotation still count after it.
        return custody.keys().fingerprints().all().stream()
                .mapToInt(prf -> tx.limits()
                        .present(ACTOR, when, tokens(prf, card, when))
                        .size())
                .sum();
    }

    /** The tokens of the wrong PINs of a card in a period, numbered from the first; the number is limited. */
    private List<byte[]> tokens(Prf prf, String card, long when) {
        return IntStream.rangeClosed(0, most.getAsInt())
                .mapToObj(number -> CanonicalBytes.begin(ACTOR)
                        .lp(card)
                        .u64(when)
                        .u32(number)
                        .bytes())
                .map(input -> prf.truncated(input, TOKEN_SIZE_BYTES))
                .toList();
    }

    /**
     * Writes the wrong PINs since the last call, and removes expired rows. If a write fails, its PINs wait for the next
     * call.
     */
    synchronized void share() {
        int noise = Math.min(others.getAndSet(0), CARDS_AT_ONCE);
        Map<Long, Map<Told, Integer>> told = new HashMap<>();
        waiting.entrySet().stream()
                .limit(CARDS_AT_ONCE)
                .forEach(one -> told.computeIfAbsent(one.getKey().when(), when -> new HashMap<>())
                        .put(one.getKey(), one.getValue()));
        long now = clock.millis() / WHILE_MILLIS;
        if (noise > 0) {
            told.computeIfAbsent(now, when -> new HashMap<>());
        }
        told.forEach((when, cards) -> {
            write(when, cards, when == now ? noise : 0);
            cards.forEach((one, times) ->
                    waiting.computeIfPresent(one, (any, all) -> all > times ? Integer.valueOf(all - times) : null));
        });
        // Another node's clock may be behind; and rows that this one removed while it was ahead are lost.
        if (even.even().compareTo(FORGETS) >= 0 && store.read(tx -> tx.limits().isAnyBefore(ACTOR, now - 2))) {
            store.write(tx -> {
                tx.limits().forgetBefore(ACTOR, now - 2);
                return now;
            });
        }
    }

    private void write(long when, Map<Told, Integer> cards, int noise) {
        Prf newest = custody.keys().fingerprints().newest();
        Map<Told, List<byte[]>> tokens = new HashMap<>();
        cards.keySet().forEach(one -> tokens.put(one, tokens(newest, one.card(), when)));
        List<byte[]> fresh = new ArrayList<>();
        IntStream.range(0, noise).forEach(any -> fresh.add(SecureBytes.random(TOKEN_SIZE_BYTES)));
        store.write(tx -> {
            List<byte[]> all = new ArrayList<>(fresh);
            all.addAll(unwritten(tx, when, cards, tokens));
            return tx.limits().remember(ACTOR, when, all);
        });
    }

    /** For each card as many tokens as there were wrong PINs, of those not yet stored. */
    private static List<byte[]> unwritten(
            WriteTx tx, long when, Map<Told, Integer> cards, Map<Told, List<byte[]>> tokens) {
        List<byte[]> asked = tokens.values().stream().flatMap(List::stream).toList();
        Set<ByteBuffer> there = tx.limits().present(ACTOR, when, asked).stream()
                .map(ByteBuffer::wrap)
                .collect(toSet());
        List<byte[]> unwritten = new ArrayList<>();
        tokens.forEach((one, all) -> all.stream()
                .filter(token -> !there.contains(ByteBuffer.wrap(token)))
                .limit(cards.get(one))
                .forEach(unwritten::add));
        return unwritten;
    }
}

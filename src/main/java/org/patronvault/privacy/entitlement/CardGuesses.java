package org.patronvault.privacy.entitlement;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.model.Actor;
import org.patronvault.patron.record.SequentialCardDetector;

/**
 * A detector of clients that guess cards: by runs of consecutive numbers, mostly unused cards, or a large part of all
 * cards from one block of numbers, in any order. Kept in memory, for ten minutes a client. Safe for use by many
 * threads.
 */
final class CardGuesses {
    /** Fewer cards than this say nothing about a client. */
    static final int TELLING = 100;

    private static final int ONE_BLOCK_OF = 4;
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** A check digit and three more: one thousand cards in a library whose cards have both. */
    private static final int BLOCK_CHARACTERS = 4;

    private static final int MOST_BLOCKS = 10_000;

    /** The cards one client tried since the window began. */
    private static final class ClientHistory {
        private long began;
        private int cards;
        private int known;
        private boolean told;
        private Map<String, Integer> blocks = new HashMap<>();

        private ClientHistory(long now) {
            began = now;
        }

        private void beginAgain(long now) {
            began = now;
            cards = 0;
            known = 0;
            told = false;
            blocks = new HashMap<>();
        }

        private boolean isTelling(String block) {
            int ofBlock =
                    blocks.size() < MOST_BLOCKS || blocks.containsKey(block) ? blocks.merge(block, 1, Integer::sum) : 1;
            boolean few = cards >= TELLING && 2 * known < cards;
            return few || (ofBlock >= TELLING && ONE_BLOCK_OF * ofBlock >= cards);
        }
    }

    private final SequentialCardDetector runs;
    private final LongSupplier nanoTime;
    private final Map<String, ClientHistory> clients = new ConcurrentHashMap<>();

    /** A detector without cards, by that monotonic clock in nanoseconds. */
    CardGuesses(SequentialCardDetector runs, LongSupplier nanoTime) {
        this.runs = runs;
        this.nanoTime = nanoTime;
    }

    /**
     * Counts a card that the client has not asked about a moment ago. Returns whether to raise an alert about the
     * client, at most once in ten minutes.
     *
     * @param card in canonical form
     * @param known whether a patron uses the card
     */
    boolean take(Actor client, String card, boolean known) {
        boolean run = runs.take(client, card);
        long now = nanoTime.getAsLong();
        ClientHistory tried = clients.computeIfAbsent(client.name(), name -> new ClientHistory(now));
        synchronized (tried) {
            if (now - tried.began >= WINDOW_NANOS) {
                tried.beginAgain(now);
            }
            tried.cards++;
            tried.known += known ? 1 : 0;
            boolean tells = tried.isTelling(card.substring(0, Math.max(0, card.length() - BLOCK_CHARACTERS))) || run;
            boolean first = tells && !tried.told;
            tried.told |= tells;
            return first;
        }
    }
}

package org.patronvault.bench;

import java.time.LocalDate;
import java.time.ZoneOffset;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.model.Status;

/**
 * Cards whose entitlement is checked, nine of ten a patron's and one nobody's, each as likely as the other, in an order
 * that the seed makes. Safe for use by many threads.
 */
final class CheckedCards {
    private static final int KNOWN_TO_ONE_UNKNOWN = 9;
    private static final long NEVER = Long.MIN_VALUE;

    private final long seed;
    private final String[] cards;
    private final long[] lastDays;

    CheckedCards(Rig rig) {
        Options options = rig.options();
        int known = options.patrons();
        this.seed = options.seed();
        this.cards = new String[known + Math.max(1, known / KNOWN_TO_ONE_UNKNOWN)];
        this.lastDays = new long[cards.length];
        // Those beyond the file's have cards as good as any, and nobody has imported them.
        MadeUpPatrons patrons = new MadeUpPatrons(seed, cards.length, Options.DAY);
        for (int i = 0; i < cards.length; i++) {
            MadeUpPatron patron = patrons.patron(i + 1);
            cards[i] = patron.card();
            lastDays[i] = i < known && patron.status() == Status.ACTIVE
                    ? patron.expires().map(LocalDate::toEpochDay).orElse(Long.MAX_VALUE)
                    : NEVER;
        }
    }

    /** Which card the request number {@code n} of that stream is about. */
    int index(long stream, long n) {
        return Load.drawn(seed, stream, n, cards.length);
    }

    String card(int index) {
        return cards[index];
    }

    int size() {
        return cards.length;
    }

    /** Whether that card entitles today. */
    boolean isEntitled(int index) {
        return lastDays[index] >= LocalDate.now(ZoneOffset.UTC).toEpochDay();
    }
}

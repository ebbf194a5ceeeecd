package org.patronvault.patron.record;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.patronvault.core.model.Actor;
import org.patronvault.search.CardNumbers;

/**
 * A detector of actors that try card numbers one after the other, in searches, entitlement checks, registrations or
 * replacements. A run is {@value #RUN} numbers that follow each other closely, up or down, within ten minutes. A family
 * that got its cards together has fewer. In memory only, with the last few numbers of each actor, so a restart begins
 * again. Safe for use by many threads.
 */
public final class SequentialCardDetector {
    static final int RUN = 6;

    private static final int WIDEST_STEP = 10;
    private static final long WINDOW_NANOS = Duration.ofMinutes(10).toNanos();
    private static final int MAX_ACTORS = 1_000;

    /** A number and when it was typed. */
    private record Typed(long number, long atNanos) {}

    /** The numbers of one actor, read in both ways. */
    private static final class ActorHistory {
        private final Run whole = new Run();
        private final Run withoutCheckDigit = new Run();
    }

    /** Numbers that follow each other closely in one direction, oldest first. */
    private static final class Run {
        private final Deque<Typed> run = new ArrayDeque<>();
        private int direction;

        /** Adds a number; returns whether it completes a run, and then starts the next run with it. */
        private boolean take(long number, long now) {
            long step = run.isEmpty() ? 0 : number - run.getLast().number();
            if (!run.isEmpty() && step == 0) {
                // A repeated card is neither a step nor the end of the run.
                return false;
            }
            boolean goesOn = step != 0 && Math.abs(step) <= WIDEST_STEP;
            if (!goesOn) {
                run.clear();
                direction = 0;
            } else if (direction != 0 && direction != Long.signum(step)) {
                keepLast();
            }
            direction = Long.signum(step);
            run.addLast(new Typed(number, now));
            run.removeIf(typed -> now - typed.atNanos() > WINDOW_NANOS);
            if (run.size() < RUN) {
                return false;
            }
            keepLast();
            return true;
        }

        private void keepLast() {
            while (run.size() > 1) {
                run.removeFirst();
            }
        }
    }

    private final LongSupplier nanoTime;
    private final Map<String, ActorHistory> actors = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ActorHistory> eldest) {
            return size() > MAX_ACTORS;
        }
    };

    /** A detector without numbers, by that monotonic clock in nanoseconds. */
    public SequentialCardDetector(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Adds a tried card; returns whether it completes a run. A number is read with its check digit and, if it has one,
     * without.
     *
     * @param card in canonical form
     */
    public synchronized boolean take(Actor actor, String card) {
        if (card.length() < 2 || card.length() > 18 || !card.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        long number = Long.parseLong(card);
        long now = nanoTime.getAsLong();
        ActorHistory seen = actors.computeIfAbsent(actor.kind() + ":" + actor.name(), who -> new ActorHistory());
        boolean whole = seen.whole.take(number, now);
        boolean checked = CardNumbers.looksLikeBarcode(card) || CardNumbers.checkDigitHolds(card);
        boolean without = checked && seen.withoutCheckDigit.take(number / 10, now);
        return whole || without;
    }
}

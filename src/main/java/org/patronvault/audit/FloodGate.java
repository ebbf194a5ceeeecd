package org.patronvault.audit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.Problem;

/**
 * Keeps refused and failed tries from filling the disk: of one kind, by one person or system, 600 a minute have entries
 * of their own; those beyond are counted, and one entry a minute stands for them, without patrons. What was done is
 * never counted together. Safe for use by several threads.
 */
final class FloodGate {
    /** Entries of one kind a minute. */
    static final int EACH_MINUTE = 600;

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int MAX_KINDS = 1_000;

    /** What is counted together; beyond the most kinds there may be, whoever it was. */
    private record Kind(
            Actor.Kind actor,
            String name,
            String role,
            Act act,
            Optional<Problem> reason,
            Optional<String> about,
            Set<Alert> alerts) {
        private static Kind of(AccessEvent event, Set<Alert> alerts) {
            return new Kind(
                    event.actor().kind(),
                    event.actor().name(),
                    event.actor().role(),
                    event.act(),
                    event.reason(),
                    event.about(),
                    alerts);
        }

        private Kind ofAnybody() {
            return new Kind(actor, "", "", act, reason, Optional.empty(), alerts);
        }
    }

    private static final class Window {
        private final long began;
        private long logged;
        private long held;
        private AccessEvent newest;

        private Window(long began) {
            this.began = began;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Kind, Window> windows = new HashMap<>();

    /** Nothing is held yet; by that monotonic clock, in nanoseconds. */
    FloodGate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Whether that event gets an entry of its own; if not, it is counted.
     *
     * @param alerts what it tells of; so that nobody hides a try that somebody must be told of behind many that are none
     */
    synchronized boolean admits(AccessEvent event, Set<Alert> alerts) {
        boolean done = event.outcome() != Outcome.REFUSED && event.outcome() != Outcome.FAILED;
        if (done || event.count().isPresent()) {
            return true;
        }
        Kind kind = Kind.of(event, alerts);
        if (!windows.containsKey(kind) && windows.size() >= MAX_KINDS) {
            kind = kind.ofAnybody();
        }
        Window window = windows.computeIfAbsent(kind, any -> new Window(nanoTime.getAsLong()));
        if (window.logged < EACH_MINUTE) {
            window.logged++;
            return true;
        }
        window.held++;
        window.newest = event;
        return false;
    }

    /**
     * The entries that stand for those held back in minutes that are over; they begin anew.
     *
     * @param atOnce whether minutes that are not over count too, at the end of the process
     */
    synchronized List<AccessEvent> due(boolean atOnce) {
        long now = nanoTime.getAsLong();
        List<AccessEvent> due = new ArrayList<>();
        Iterator<Window> all = windows.values().iterator();
        while (all.hasNext()) {
            Window window = all.next();
            if (atOnce || now - window.began >= MINUTE) {
                if (window.held > 0) {
                    due.add(window.newest.on(List.of()).counting(window.held));
                }
                all.remove();
            }
        }
        return due;
    }
}

package org.patronvault.core.log;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;

/**
 * A rate limit for entries of refused and failed attempts, so that they cannot fill the disk. Each person or system
 * gets 600 entries a minute of its own, over all kinds. Attempts beyond are counted by kind, in one entry a minute for
 * each kind, without patrons. Acts that succeeded and the vault's own findings are never aggregated. Safe for use by
 * several threads.
 */
final class FloodGate {
    /** The most entries a minute of one person or system. */
    static final int EACH_MINUTE = 600;

    /**
     * The most entries a minute of all callers who have not signed in, so that a flood of one kind leaves room for
     * others.
     */
    static final int NAMELESS_EACH_MINUTE = 3_000;

    /** Further attempts a minute with one kind of alert, so that other refusals cannot hide them. */
    static final int ALERTS_EACH_MINUTE = 60;

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int MAX_KINDS = 1_000;

    /**
     * The actor whose attempts share a minute, in any role. Beyond the largest number of actors, all actors of one
     * kind.
     */
    private record Who(Actor.Kind kind, String name) {}

    /** The acts that are counted together. Beyond the largest number of kinds, acts about anything. */
    private record Kind(String role, ActKind act, Optional<Problem> reason, Optional<String> about, Set<Alert> alerts) {
        private static Kind of(AccessEvent event, Set<Alert> alerts) {
            return new Kind(event.actor().role(), event.act(), event.reason(), event.about(), alerts);
        }

        private Kind ofAnything() {
            return new Kind("", act, reason, Optional.empty(), alerts);
        }
    }

    private static final class Tries {
        private long logged;
        private long held;
        private AccessEvent newest;
    }

    private static final class Minute {
        private final long began;
        private final long most;
        private final Map<Kind, Tries> kinds = new HashMap<>();
        private final Map<Alert, Integer> alerts = new EnumMap<>(Alert.class);
        private long logged;

        private Minute(long began, long most) {
            this.began = began;
            this.most = most;
        }

        private boolean admits(AccessEvent event, Set<Alert> told) {
            Kind kind = Kind.of(event, told);
            if (!kinds.containsKey(kind) && kinds.size() >= MAX_KINDS) {
                kind = kind.ofAnything();
            }
            Tries tries = kinds.computeIfAbsent(kind, any -> new Tries());
            if (logged < most && tries.logged < EACH_MINUTE) {
                logged++;
                tries.logged++;
                return true;
            }
            if (told.stream().anyMatch(alert -> alerts.merge(alert, 1, Integer::sum) <= ALERTS_EACH_MINUTE)) {
                return true;
            }
            tries.held++;
            tries.newest = event;
            return false;
        }

        private List<AccessEvent> held() {
            return kinds.values().stream()
                    .filter(tries -> tries.held > 0)
                    .map(tries -> tries.newest.on(List.of()).counting(tries.held))
                    .toList();
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Who, Minute> minutes = new HashMap<>();

    /**
     * Creates a gate that holds nothing.
     *
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    FloodGate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Whether an event gets an entry of its own. If not, it is counted.
     *
     * @param alerts the alerts of the event
     */
    synchronized boolean admits(AccessEvent event, Set<Alert> alerts) {
        boolean tried = event.outcome() == Outcome.REFUSED || event.outcome() == Outcome.FAILED;
        Actor.Kind sort = event.actor().kind();
        // The vault's own findings name patrons, and no caller can cause more findings than there are.
        boolean found = sort == Actor.Kind.VAULT || alerts.contains(Alert.CHECK_FOUND);
        if (!tried || found || event.count().isPresent()) {
            return true;
        }
        Who who = new Who(sort, event.actor().name());
        if (!minutes.containsKey(who) && minutes.size() >= MAX_KINDS) {
            who = new Who(sort, "");
        }
        long most = sort == Actor.Kind.NOBODY ? NAMELESS_EACH_MINUTE : EACH_MINUTE;
        return minutes.computeIfAbsent(who, any -> new Minute(nanoTime.getAsLong(), most))
                .admits(event, alerts);
    }

    /**
     * Returns the aggregated entries of minutes that are over, and restarts their counts.
     *
     * @param atOnce whether minutes that are not over count too, before the keys are closed
     */
    synchronized List<AccessEvent> due(boolean atOnce) {
        long now = nanoTime.getAsLong();
        List<AccessEvent> due = new ArrayList<>();
        minutes.values().removeIf(minute -> {
            boolean over = atOnce || now - minute.began >= MINUTE;
            if (over) {
                due.addAll(minute.held());
            }
            return over;
        });
        return due;
    }

    /** Logs the entries of {@link #due}. */
    CompletableFuture<Void> log(boolean atOnce, AuditLog log) {
        return CompletableFuture.allOf(due(atOnce).stream()
                .map(held -> log.submit(AuditLog.entry(held), Lane.DESK))
                .toArray(CompletableFuture[]::new));
    }
}

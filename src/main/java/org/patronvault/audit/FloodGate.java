package org.patronvault.audit;

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
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.Problem;

/**
 * Keeps refused and failed tries from filling the disk: of one person or system, 600 a minute have entries of their own,
 * whatever kinds there are; those beyond are counted by kind, and one entry a minute stands for each kind, without
 * patrons. What was done is never counted together, nor is what the vault found. Safe for use by several threads.
 */
final class FloodGate {
    /** Entries of one kind a minute, and of one person or system. */
    static final int EACH_MINUTE = 600;

    /** Entries a minute of all who have not signed in together, so that a flood of one kind leaves room for the others. */
    static final int NAMELESS_EACH_MINUTE = 3_000;

    /** Tries a minute, beside those, that tell somebody of one kind of alert: else other refusals could hide them. */
    static final int ALERTS_EACH_MINUTE = 60;

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int MAX_KINDS = 1_000;

    /** Whose tries share a minute, in whatever role; beyond the most there may be, all of that sort. */
    private record Who(Actor.Kind kind, String name) {}

    /** What is counted together; beyond the most kinds there may be, whatever it was about. */
    private record Kind(String role, Act act, Optional<Problem> reason, Optional<String> about, Set<Alert> alerts) {
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

    /** Nothing is held yet; by that monotonic clock, in nanoseconds. */
    FloodGate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Whether that event gets an entry of its own; if not, it is counted.
     *
     * @param alerts what it tells of
     */
    synchronized boolean admits(AccessEvent event, Set<Alert> alerts) {
        boolean tried = event.outcome() == Outcome.REFUSED || event.outcome() == Outcome.FAILED;
        Actor.Kind sort = event.actor().kind();
        // What a check finds names patrons whoever asked for it, and nobody can have it find more than there is.
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
     * The entries that stand for those held back in minutes that are over; they begin anew.
     *
     * @param atOnce whether minutes that are not over count too, before the keys go
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

    /** Logs what is {@link #due}. */
    CompletableFuture<Void> log(boolean atOnce, AuditLog log) {
        return CompletableFuture.allOf(
                due(atOnce).stream().map(held -> log.append(Unit.of(held))).toArray(CompletableFuture[]::new));
    }
}

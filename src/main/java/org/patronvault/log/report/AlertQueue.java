package org.patronvault.log.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The queue of alerts that wait for review. All people who may read the whole log share it, and review alerts that
 * another person set off. No patron is opened. Safe for use by many threads.
 */
public final class AlertQueue {
    /** The most waiting alerts of one page. */
    public static final int MOST = 20;

    private static final String KIND = "alert-review";
    private static final int COUNTED = 1_000;
    private static final int LOOKED_INTO = 20;
    private static final int PAGE = 500;
    private static final int ALERTS_OF_ONE_ACT = 8;

    /**
     * An alert in the queue.
     *
     * @param entry the alert's own log entry
     * @param act the entry of the act it reports; the alert's own if there is none
     * @param event the alert's event, without patrons
     * @param reviewed the review; empty while it waits
     */
    public record QueuedAlert(long entry, long act, AccessEvent event, Optional<Reviewed> reviewed) {
        /** Whether that person may mark it: not the person who set it off. */
        public boolean isFor(Caller caller) {
            return event.actor().kind() != caller.actor().kind()
                    || !event.actor().name().equals(caller.actor().name());
        }
    }

    /** A review: the reviewer, and the time. */
    public record Reviewed(String by, String role, Instant when) {}

    /**
     * The queue.
     *
     * @param waiting the newest alerts without review, newest first
     * @param count how many wait, as far as they were counted
     * @param counted whether that is all of them
     * @param lookedInto the newest of the others
     */
    public record Queue(List<QueuedAlert> waiting, int count, boolean counted, List<QueuedAlert> lookedInto) {}

    /** A stored review, its time in seconds since 1970. The row has a MAC: a forged or removed one hides no alert. */
    private record StoredReview(String by, String role, long at) {
        private Reviewed shown() {
            return new Reviewed(by, role, Instant.ofEpochSecond(at));
        }
    }

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final Function<Caller, Predicate<AccessEvent>> hidden;

    /**
     * The queue.
     *
     * @param hidden the entries that a caller must not see, since a court forbids speaking of them
     */
    public AlertQueue(Store store, Access access, AuditLog log, Function<Caller, Predicate<AccessEvent>> hidden) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.hidden = hidden;
    }

    /** The current queue. The caller must have asked the policy and logged it. */
    Queue look(Caller caller) {
        Predicate<Long> unseen = unseen(caller);
        return store.read(tx -> look(tx, unseen));
    }

    /** Reads the case of an alert only if the alert is about a disclosure. */
    private Predicate<Long> unseen(Caller caller) {
        Predicate<AccessEvent> of = hidden.apply(caller);
        return alert ->
                log.reader().entries(alert, alert + 1).entries().stream().anyMatch(entry -> of.test(entry.event()));
    }

    private Queue look(Tx tx, Predicate<Long> unseen) {
        // This process verified these rows at the start, or wrote them.
        Set<String> known = new HashSet<>(log.authority().names(KIND));
        List<QueuedAlert> waiting = new ArrayList<>();
        List<QueuedAlert> done = new ArrayList<>();
        int count = 0;
        List<Long> page = tx.log().alerts(Long.MAX_VALUE, PAGE);
        while (!page.isEmpty() && count < COUNTED) {
            for (long alert : page) {
                // An alert known to be reviewed is read only to be shown.
                boolean shown = done.size() < LOOKED_INTO;
                if (known.contains(Long.toString(alert)) && !shown) {
                    continue;
                }
                Optional<AccessEvent> event =
                        alert(tx, alert).filter(one -> !isOfDisclosure(one) || !unseen.test(alert));
                Optional<StoredReview> row = event.flatMap(any -> review(tx, alert));
                if (row.isPresent() && shown) {
                    done.add(told(tx, alert, event.get(), row));
                } else if (event.isPresent() && row.isEmpty() && count++ < MOST) {
                    waiting.add(told(tx, alert, event.get(), row));
                }
            }
            page = tx.log().alerts(page.get(page.size() - 1), PAGE);
        }
        return new Queue(waiting, Math.min(count, COUNTED), count < COUNTED, done);
    }

    /** The review of an alert. If its row is damaged the alert waits; the damage raises an alert automatically. */
    private Optional<StoredReview> review(Tx tx, long alert) {
        try {
            return stored(tx, alert);
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    private Optional<StoredReview> stored(Tx tx, long alert) {
        return access.authority()
                .find(tx, KIND, Long.toString(alert), StoredReview.class)
                .map(Authority.Versioned::body);
    }

    private static QueuedAlert told(Tx tx, long alert, AccessEvent event, Optional<StoredReview> row) {
        return new QueuedAlert(alert, act(tx, alert, event), event, row.map(StoredReview::shown));
    }

    private static boolean isOfDisclosure(AccessEvent event) {
        return event.act() == ActKind.DISCLOSURE;
    }

    /** The event of that entry, if it is an alert. */
    private static Optional<AccessEvent> alert(Tx tx, long index) {
        return clear(tx, index).filter(event -> event.outcome() == Outcome.ALERT);
    }

    private static Optional<AccessEvent> clear(Tx tx, long index) {
        try {
            return tx.log().leaf(index).map(leaf -> LeafInClear.of(leaf).event());
        } catch (IntegrityException e) {
            // Log verification reports it.
            return Optional.empty();
        }
    }

    /** The entry before, skipping other alerts about the same act. */
    private static long act(Tx tx, long alert, AccessEvent event) {
        for (long before = alert - 1; before >= Math.max(0, alert - ALERTS_OF_ONE_ACT); before--) {
            Optional<AccessEvent> one = clear(tx, before)
                    .filter(other -> other.act() == event.act() && Arrays.equals(other.request(), event.request()));
            if (one.isEmpty()) {
                return alert;
            }
            if (one.get().outcome() != Outcome.ALERT) {
                return before;
            }
        }
        return alert;
    }

    /**
     * Marks alerts as reviewed, each in the log; alerts already marked stay as they are.
     *
     * @param alerts their entries, read once the policy has been asked
     * @return how many were marked
     * @throws Refused with {@code not-found} if one is no alert, {@code second-person-required} if the caller set one
     *     off; then none is marked
     */
    public int mark(Caller caller, Supplier<List<Long>> alerts, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.REVIEW, Outcome.REFUSED, request);
        access.require(caller, Permission.READ_LOG, attempt);
        return log.logging(attempt, () -> {
            Predicate<Long> unseen = unseen(caller);
            List<QueuedAlert> open = store.read(tx -> open(tx, caller, new LinkedHashSet<>(alerts.get()), unseen));
            open.forEach(told -> {
                AccessEvent done = attempt.ending(Outcome.CONFIGURATION).about(Long.toString(told.entry()));
                log.call(done, now -> {
                    insert(now.tx(), told.entry(), caller.actor());
                    return Decision.done(done);
                });
            });
            return open.size();
        });
    }

    private void insert(WriteTx tx, long alert, Actor by) {
        access.authority()
                .insert(
                        tx,
                        KIND,
                        Long.toString(alert),
                        new StoredReview(by.name(), by.role(), log.now().getEpochSecond()),
                        new Refused(Problem.CHANGED_MEANWHILE, "Somebody has looked into it meanwhile."));
    }

    private List<QueuedAlert> open(Tx tx, Caller caller, Set<Long> alerts, Predicate<Long> unseen) {
        List<QueuedAlert> open = new ArrayList<>();
        for (long alert : alerts) {
            AccessEvent event = alert(tx, alert)
                    .filter(one -> !isOfDisclosure(one) || !unseen.test(alert))
                    .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "That entry of the log is no alert."));
            QueuedAlert told = new QueuedAlert(alert, alert, event, Optional.empty());
            if (!told.isFor(caller)) {
                throw new Refused(
                        Problem.SECOND_PERSON_REQUIRED,
                        "Who set off an alert does not mark it; another person looks into it.");
            }
            if (stored(tx, alert).isEmpty()) {
                open.add(told);
            }
        }
        return open;
    }
}

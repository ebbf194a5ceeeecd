package org.patronvault.access;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Removes rows that carry authority no more, so that their table does not grow for ever, and dates anew those of a clock
 * that was ahead. A turn looks at some hundred rows of each kind and goes on where the one before stopped, so it costs the
 * same however many there are. For one thread.
 *
 * <p>A clock that is ahead for a while would remove what is of now, and nothing brings it back. So nothing is removed by one
 * before it has gone on for some hours without being set, nor dated anew before one: a machine without a battery begins in
 * another year, until it has asked what time it is.
 */
public final class ExpiredRowCleanup {
    private static final int ROWS_A_TURN = 500;
    private static final Duration REMOVES = Duration.ofHours(6);
    private static final Duration DATES_ANEW = Duration.ofHours(1);

    /**
     * A kind of rows, which of them are over, and what goes with one.
     *
     * @param with removes what else hangs on the row of that name
     * @param asOfNow a row by the clock of now, the same but for one that a clock which was ahead has written
     */
    public record Kind<T>(
            String kind,
            Class<T> type,
            BiPredicate<Tx, Authority.Versioned<T>> over,
            BiConsumer<WriteTx, String> with,
            UnaryOperator<T> asOfNow) {

        /** Rows whose times are no later than now, or that are over if they are. */
        Kind(
                String kind,
                Class<T> type,
                BiPredicate<Tx, Authority.Versioned<T>> over,
                BiConsumer<WriteTx, String> with) {
            this(kind, type, over, with, UnaryOperator.identity());
        }

        /** Rows on which nothing hangs. */
        public static <T> Kind<T> of(String kind, Class<T> type, Predicate<T> over, UnaryOperator<T> asOfNow) {
            return new Kind<>(kind, type, (tx, held) -> over.test(held.body()), (tx, name) -> {}, asOfNow);
        }
    }

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final List<Kind<?>> kinds = new ArrayList<>();
    private final Map<String, String> reached = new HashMap<>();

    private final EvenClock clock;

    ExpiredRowCleanup(Store store, AuditLog log, Authority authority, EvenClock clock) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.clock = clock;
    }

    /** Looks after that kind of rows too; before the first turn. */
    public void add(Kind<?> kind) {
        kinds.add(kind);
    }

    /** Does one turn, and returns how many rows it removed or dated anew. */
    int turn() {
        Duration even = clock.even();
        if (even.compareTo(DATES_ANEW) < 0) {
            return 0;
        }
        int changed = 0;
        Optional<IntegrityException> spoilt = Optional.empty();
        for (Kind<?> kind : kinds) {
            try {
                changed += turn(kind, even.compareTo(REMOVES) >= 0);
            } catch (IntegrityException e) {
                // The others are not kept for ever for a row of one kind that somebody has edited.
                spoilt = Optional.of(e);
            }
        }
        if (spoilt.isPresent()) {
            throw spoilt.get();
        }
        return changed;
    }

    private <T> int turn(Kind<T> kind, boolean removes) {
        List<String> due = store.read(tx -> due(tx, kind, removes));
        if (due.isEmpty()) {
            return 0;
        }
        AccessEvent event = log.event(Actor.VAULT, Act.TIDY, Outcome.COUNTED, AuditLog.newRequest());
        AtomicInteger changed = new AtomicInteger();
        log.appendAndWait(Unit.writing(event, tx -> {
            due.forEach(name -> changed.addAndGet(tidy(tx, kind, name, removes)));
            return event.counting(changed.get());
        }));
        return changed.get();
    }

    private <T> int tidy(WriteTx tx, Kind<T> kind, String name, boolean removes) {
        Optional<Authority.Versioned<T>> held =
                authority.find(tx, kind.kind(), name, kind.type()).filter(row -> isDue(tx, kind, row, removes));
        if (held.isEmpty()) {
            return 0;
        }
        if (removes && kind.over().test(tx, held.get())) {
            authority.remove(tx, held.get());
            kind.with().accept(tx, name);
        } else {
            authority.replace(
                    tx, kind.kind(), held.get(), kind.asOfNow().apply(held.get().body()));
        }
        return 1;
    }

    private static <T> boolean isDue(Tx tx, Kind<T> kind, Authority.Versioned<T> held, boolean removes) {
        return (removes && kind.over().test(tx, held))
                || !kind.asOfNow().apply(held.body()).equals(held.body());
    }

    private <T> List<String> due(Tx tx, Kind<T> kind, boolean removes) {
        String after = reached.getOrDefault(kind.kind(), "");
        List<Authority.Versioned<T>> rows = authority.after(tx, kind.kind(), after, ROWS_A_TURN, kind.type());
        boolean last = rows.size() < ROWS_A_TURN;
        reached.put(kind.kind(), last ? "" : rows.get(rows.size() - 1).name());
        return rows.stream()
                .filter(held -> isDue(tx, kind, held, removes))
                .map(Authority.Versioned::name)
                .toList();
    }
}

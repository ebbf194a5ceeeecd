package org.patronvault.core.dual;

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
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The removal of expired authority rows, so that their table does not grow for ever. It also redates rows that a clock
 * ahead of time wrote. A turn looks at some hundred rows of each kind and continues where the last one stopped. Its
 * cost does not depend on the number of rows. For one thread.
 *
 * <p>A clock that is ahead would remove current rows, and nothing brings them back. So rows are removed only after the
 * clock ran for some hours without being set. Redating waits too: a machine without a battery starts in another year,
 * until it has synchronized its clock.
 */
public final class ExpiredRowCleanup {
    private static final int ROWS_A_TURN = 500;
    private static final Duration REMOVES = Duration.ofHours(6);
    private static final Duration DATES_ANEW = Duration.ofHours(1);

    /**
     * A kind of rows, with its rules for expiry.
     *
     * @param with removes everything that belongs to the row of that name
     * @param asOfNow returns a row dated by the current clock; only a row from a clock that was ahead changes
     */
    public record Kind<T>(
            String kind,
            Class<T> type,
            BiPredicate<Tx, Authority.Versioned<T>> over,
            BiConsumer<WriteTx, String> with,
            UnaryOperator<T> asOfNow) {

        /** Makes a kind of rows whose times are never after now unless the row is expired. */
        public Kind(
                String kind,
                Class<T> type,
                BiPredicate<Tx, Authority.Versioned<T>> over,
                BiConsumer<WriteTx, String> with) {
            this(kind, type, over, with, UnaryOperator.identity());
        }

        /** Makes a kind of rows with no dependent data. */
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

    public ExpiredRowCleanup(Store store, AuditLog log, Authority authority, EvenClock clock) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.clock = clock;
    }

    /** Adds a kind of rows; before the first turn. */
    public void add(Kind<?> kind) {
        kinds.add(kind);
    }

    /** Does one turn, and returns how many rows were removed or redated. */
    public int turn() {
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
                // An edited row of one kind does not keep the other rows from being removed.
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
        AccessEvent event = log.event(Actor.VAULT, ActKind.TIDY, Outcome.COUNTED, AuditLog.newRequest());
        AtomicInteger changed = new AtomicInteger();
        log.call(event, now -> {
            WriteTx tx = now.tx();
            due.forEach(name -> changed.addAndGet(tidy(tx, kind, name, removes)));
            return Decision.done(event.counting(changed.get()));
        });
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

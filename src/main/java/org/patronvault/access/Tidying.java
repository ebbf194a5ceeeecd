package org.patronvault.access;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Removes rows that carry authority no more, so that their table does not grow for ever. A turn looks at some hundred
 * rows of each kind and goes on where the one before stopped, so it costs the same however many there are. For one
 * thread.
 */
final class Tidying {
    private static final int ROWS_A_TURN = 500;

    /**
     * A kind of rows, which of them are over, and what goes with one.
     *
     * @param with removes what else hangs on the row of that name
     */
    record Kind<T>(
            String kind, Class<T> type, BiPredicate<Tx, Authority.Held<T>> over, BiConsumer<WriteTx, String> with) {}

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final List<Kind<?>> kinds;
    private final Map<String, String> reached = new HashMap<>();

    Tidying(Store store, AuditLog log, Authority authority, List<Kind<?>> kinds) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.kinds = kinds;
    }

    /** Does one turn, and returns how many rows it removed. */
    int turn() {
        int removed = 0;
        for (Kind<?> kind : kinds) {
            removed += turn(kind);
        }
        return removed;
    }

    private <T> int turn(Kind<T> kind) {
        List<String> over = store.read(tx -> over(tx, kind));
        if (over.isEmpty()) {
            return 0;
        }
        AccessEvent event = log.event(Actor.VAULT, Act.TIDY, Outcome.COUNTED, AuditLog.newRequest());
        AtomicInteger removed = new AtomicInteger();
        log.appendAndWait(Unit.writing(event, tx -> {
            over.forEach(name -> removed.addAndGet(remove(tx, kind, name)));
            return event.counting(removed.get());
        }));
        return removed.get();
    }

    private <T> int remove(WriteTx tx, Kind<T> kind, String name) {
        Optional<Authority.Held<T>> held = authority.find(tx, kind.kind(), name, kind.type());
        if (held.isEmpty() || !kind.over().test(tx, held.get())) {
            return 0;
        }
        authority.remove(tx, held.get());
        kind.with().accept(tx, name);
        return 1;
    }

    private <T> List<String> over(Tx tx, Kind<T> kind) {
        String after = reached.getOrDefault(kind.kind(), "");
        List<Authority.Held<T>> rows = authority.after(tx, kind.kind(), after, ROWS_A_TURN, kind.type());
        boolean last = rows.size() < ROWS_A_TURN;
        reached.put(kind.kind(), last ? "" : rows.get(rows.size() - 1).name());
        List<String> over = new ArrayList<>();
        for (Authority.Held<T> held : rows) {
            if (kind.over().test(tx, held)) {
                over.add(held.name());
            }
        }
        return over;
    }
}

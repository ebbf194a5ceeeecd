package org.patronvault.access.session;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.patronvault.core.dual.ValidityPeriod;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.SessionUseRows.Use;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The time of each session's last use. This node keeps it to the nanosecond, by a monotonic clock. The database has it
 * to the minute, for all nodes. Each stored time has a MAC, and idling starts at the session's own begin. So an
 * attacker who changes stored times can end a session early, but cannot extend it. Thread-safe.
 */
final class SessionUse {
    private static final String TABLE = "session-use";
    private static final byte[] NOTHING = {};
    private static final Duration IDLE = Duration.ofMinutes(30);

    /**
     * The last use of a session.
     *
     * @param used whether it was used since it began
     * @param written whether that was stored since
     */
    private record LastUse(long nanos, boolean used, boolean written) {}

    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<String, LastUse> here = new ConcurrentHashMap<>();

    /** Starts with no use on this node. */
    SessionUse(Store store, KeyCustody custody, Clock clock, LongSupplier nanoTime) {
        this.store = store;
        this.custody = custody;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Starts a session now. */
    void begin(String session) {
        here.put(session, new LastUse(nanoTime.getAsLong(), false, false));
    }

    /** Records a use now. */
    void use(String session) {
        here.put(session, new LastUse(nanoTime.getAsLong(), true, false));
    }

    /** Returns how many sessions are remembered on this node. */
    int remembered() {
        return here.size();
    }

    /** Forgets an ended session. */
    void forget(String session) {
        here.remove(session);
    }

    /** Whether the session was unused for half an hour, on every node. */
    boolean isIdle(Tx tx, String session, Instant started) {
        Optional<LastUse> last = Optional.ofNullable(here.get(session));
        if (last.filter(one -> !isLong(since(one))).isPresent()) {
            return false;
        }
        Optional<Instant> written = written(tx, session);
        // A session used here is idle by this node's own clock, unless another node stored a later use.
        Optional<Instant> known = last.isPresent() ? written : written.or(() -> Optional.of(started));
        return known.map(at -> isLong(Duration.between(at, clock.instant()))).orElse(true);
    }

    private static boolean isLong(Duration unused) {
        return unused.compareTo(IDLE) > 0;
    }

    private Duration since(LastUse last) {
        return Duration.ofNanos(nanoTime.getAsLong() - last.nanos());
    }

    /** Returns the time of its last use, as far as this node knows. */
    Optional<Instant> last(Tx tx, String session) {
        return Optional.ofNullable(here.get(session))
                .filter(LastUse::used)
                .map(last -> clock.instant().minus(since(last)))
                .or(() -> written(tx, session));
    }

    private Optional<Instant> written(Tx tx, String session) {
        return tx.sessionUses()
                .find(session)
                .filter(this::isOurs)
                .filter(use -> !ValidityPeriod.isAhead(use.at(), clock.instant().getEpochSecond()))
                .map(use -> Instant.ofEpochSecond(use.at()));
    }

    private boolean isOurs(Use use) {
        return custody.keys()
                .rows()
                .any(rows -> rows.verify(TABLE, bytes(use.session()), use.at(), NOTHING, use.mac()));
    }

    private static byte[] bytes(String session) {
        return session.getBytes(StandardCharsets.UTF_8);
    }

    /** Stores the uses since the last call. */
    void write() {
        Instant now = clock.instant();
        // A session without a sign-out has expired by then.
        here.values().removeIf(last -> since(last).toSeconds() > SessionRow.LONGEST_SECONDS);
        Map<String, LastUse> fresh = new HashMap<>(here);
        fresh.values().removeIf(last -> last.written() || !last.used());
        List<Use> uses = new ArrayList<>();
        fresh.forEach((session, last) -> {
            uses.add(at(session, now.minus(since(last))));
        });
        if (!uses.isEmpty()) {
            store.write(tx -> {
                tx.sessionUses().put(uses, now.getEpochSecond() + ValidityPeriod.AHEAD_SECONDS);
                return uses;
            });
            fresh.forEach((session, last) -> here.replace(session, last, new LastUse(last.nanos(), true, true)));
        }
    }

    /** Stores a use now, for a session that continues one begun long ago. */
    void write(WriteTx tx, String session) {
        use(session);
        Instant now = clock.instant();
        tx.sessionUses().put(List.of(at(session, now)), now.getEpochSecond() + ValidityPeriod.AHEAD_SECONDS);
    }

    private Use at(String session, Instant instant) {
        long at = instant.getEpochSecond();
        return new Use(session, at, custody.keys().rows().newest().mac(TABLE, bytes(session), at, NOTHING));
    }

    /** Removes the stored use of an ended session. */
    static void remove(WriteTx tx, String session) {
        tx.sessionUses().remove(session);
    }
}

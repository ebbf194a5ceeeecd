package org.patronvault.access;

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
import org.patronvault.keys.KeyCustody;
import org.patronvault.store.SessionUseRows.Use;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * When each session was last used: to the nanosecond on this node, by a monotonic clock, and to the minute on any, as it
 * is written down. Whoever changes what is written can have a session end early, and none last longer than it did once:
 * each has a MAC, and begins to be idle at its own begin. Safe for use by many threads.
 */
final class SessionUse {
    private static final String TABLE = "session-use";
    private static final byte[] NOTHING = {};
    private static final Duration IDLE = Duration.ofMinutes(30);

    /**
     * When somebody last did something with it.
     *
     * @param used whether it was used since it was begun
     * @param written whether that was written down since
     */
    private record LastUse(long nanos, boolean used, boolean written) {}

    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<String, LastUse> here = new ConcurrentHashMap<>();

    /** Nothing was used on this node yet. */
    SessionUse(Store store, KeyCustody custody, Clock clock, LongSupplier nanoTime) {
        this.store = store;
        this.custody = custody;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** It is begun now. */
    void begin(String session) {
        here.put(session, new LastUse(nanoTime.getAsLong(), false, false));
    }

    /** It is used now. */
    void use(String session) {
        here.put(session, new LastUse(nanoTime.getAsLong(), true, false));
    }

    /** How many are remembered on this node. */
    int remembered() {
        return here.size();
    }

    /** It is over. */
    void forget(String session) {
        here.remove(session);
    }

    /** Whether nobody used it for half an hour, on any node. */
    boolean isIdle(Tx tx, String session, Instant started) {
        Optional<LastUse> last = Optional.ofNullable(here.get(session));
        if (last.filter(one -> !isLong(since(one))).isPresent()) {
            return false;
        }
        Optional<Instant> written = written(tx, session);
        // What was used here is idle by this node's own clock, unless another node wrote otherwise.
        Optional<Instant> known = last.isPresent() ? written : written.or(() -> Optional.of(started));
        return known.map(at -> isLong(Duration.between(at, clock.instant()))).orElse(true);
    }

    private static boolean isLong(Duration unused) {
        return unused.compareTo(IDLE) > 0;
    }

    private Duration since(LastUse last) {
        return Duration.ofNanos(nanoTime.getAsLong() - last.nanos());
    }

    /** When it was last used, as far as this node knows. */
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

    /** Writes down what was used since the last time. */
    void write() {
        Instant now = clock.instant();
        // Whoever left without a word is signed out by then, whatever is known of him.
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

    /** Writes down that one is used now: one that goes on where another was begun long ago. */
    void write(WriteTx tx, String session) {
        use(session);
        Instant now = clock.instant();
        tx.sessionUses().put(List.of(at(session, now)), now.getEpochSecond() + ValidityPeriod.AHEAD_SECONDS);
    }

    private Use at(String session, Instant instant) {
        long at = instant.getEpochSecond();
        return new Use(session, at, custody.keys().rows().newest().mac(TABLE, bytes(session), at, NOTHING));
    }

    /** Forgets what is written down of one that is over. */
    static void remove(WriteTx tx, String session) {
        tx.sessionUses().remove(session);
    }
}

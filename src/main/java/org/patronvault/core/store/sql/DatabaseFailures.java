package org.patronvault.core.store.sql;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counter and reporter of database failures. It counts them by kind. It reports a failure after which nothing may
 * be acknowledged, and a failure that no caller would see.
 */
public final class DatabaseFailures {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseFailures.class);

    private final Map<StoreException.Kind, LongAdder> counts = new EnumMap<>(StoreException.Kind.class);
    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private volatile Consumer<String> onBroken = why -> {};
    private volatile boolean closing;

    public DatabaseFailures() {
        for (StoreException.Kind kind : StoreException.Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    /** Sets the receiver of the reason why nothing may be acknowledged any more. */
    public void onBroken(Consumer<String> then) {
        onBroken = then;
    }

    /** Marks the pool as closed. Later failures come from the closed pool and are not reported. */
    public void close() {
        closing = true;
    }

    /** Returns the number of failures of each kind. */
    public Map<StoreException.Kind, Long> counts() {
        Map<StoreException.Kind, Long> now = new EnumMap<>(StoreException.Kind.class);
        counts.forEach((kind, count) -> now.put(kind, count.sum()));
        return now;
    }

    public StoreException counted(StoreException e) {
        counts.get(e.kind()).increment();
        return e;
    }

    public StoreException told(StoreException e) {
        if (e.kind() == StoreException.Kind.BROKEN) {
            onBroken.accept("the database's files failed it, " + e.getMessage());
        } else if (e.kind() == StoreException.Kind.DAMAGED) {
            onBroken.accept("the database is damaged");
        } else if (e.kind() == StoreException.Kind.FAILED && !closing && said.add(e.getMessage())) {
            // Background work retries and reports nothing, as for a failure that passes. Each is logged once: it may be
            // frequent.
            LOG.error("the database failed, which does not pass by itself: {}", e.getMessage());
        }
        return counted(e);
    }

    public <T> T telling(Supplier<T> work) {
        try {
            return work.get();
        } catch (StoreException e) {
            throw told(e);
        }
    }
}

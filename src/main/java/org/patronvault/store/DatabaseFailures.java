package org.patronvault.store;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What failed of a database, counted by kind, and told of where nothing may be acknowledged any more, or nobody else would. */
final class DatabaseFailures {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseFailures.class);

    private final Map<StoreException.Kind, LongAdder> counts = new EnumMap<>(StoreException.Kind.class);
    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private volatile Consumer<String> onBroken = why -> {};
    private volatile boolean closing;

    DatabaseFailures() {
        for (StoreException.Kind kind : StoreException.Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    /** Has {@code then} told why nothing may be acknowledged any more. */
    void onBroken(Consumer<String> then) {
        onBroken = then;
    }

    /** From now on who still asks is failed by a pool that is closed, of which there is nothing to say. */
    void close() {
        closing = true;
    }

    /** How many of each kind there were. */
    Map<StoreException.Kind, Long> counts() {
        Map<StoreException.Kind, Long> now = new EnumMap<>(StoreException.Kind.class);
        counts.forEach((kind, count) -> now.put(kind, count.sum()));
        return now;
    }

    StoreException counted(StoreException e) {
        counts.get(e.kind()).increment();
        return e;
    }

    StoreException told(StoreException e) {
        if (e.kind() == StoreException.Kind.BROKEN) {
            onBroken.accept("the database's files failed it, " + e.getMessage());
        } else if (e.kind() == StoreException.Kind.DAMAGED) {
            onBroken.accept("the database is damaged");
        } else if (e.kind() == StoreException.Kind.FAILED && !closing && said.add(e.getMessage())) {
            // Whatever works by itself tries again later and says nothing, as of what passes. Each once: it may be
            // often.
            LOG.error("the database failed, which does not pass by itself: {}", e.getMessage());
        }
        return counted(e);
    }

    <T> T telling(Supplier<T> work) {
        try {
            return work.get();
        } catch (StoreException e) {
            throw told(e);
        }
    }
}

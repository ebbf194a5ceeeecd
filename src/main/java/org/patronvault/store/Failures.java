package org.patronvault.store;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What failed of a database, counted by kind, and told of where nothing may be acknowledged any more. */
final class Failures {
    private final Map<StoreException.Kind, LongAdder> counts = new EnumMap<>(StoreException.Kind.class);
    private volatile Consumer<String> onBroken = why -> {};

    Failures() {
        for (StoreException.Kind kind : StoreException.Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    /** Has {@code then} told why nothing may be acknowledged any more. */
    void onBroken(Consumer<String> then) {
        onBroken = then;
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

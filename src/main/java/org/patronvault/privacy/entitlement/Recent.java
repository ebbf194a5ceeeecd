package org.patronvault.privacy.entitlement;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * A map that forgets each value after a fixed time. It has two generations: the younger takes new values until it is
 * old or full, and then the older is dropped. So every value stays for the whole time, unless there are more than it
 * has room for; then the oldest are dropped first, of whichever key. Safe for use by many threads.
 */
final class Recent<K, V> {
    private record Timed<V>(V value, long at) {}

    private record Generations<K, V>(long began, Map<K, Timed<V>> younger, Map<K, Timed<V>> older) {}

    private final long lengthNanos;
    private final int most;
    private final LongSupplier nanoTime;
    private volatile Generations<K, V> generations;

    /**
     * An empty map.
     *
     * @param lengthNanos how long values stay, in nanoseconds
     * @param most the most values of a generation
     * @param nanoTime a monotonic clock
     */
    Recent(long lengthNanos, int most, LongSupplier nanoTime) {
        this.lengthNanos = lengthNanos;
        this.most = most;
        this.nanoTime = nanoTime;
        this.generations =
                new Generations<>(nanoTime.getAsLong(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }

    /** Returns the value under that key; if there is none, stores {@code value} and returns null. */
    V putIfAbsent(K key, V value) {
        Generations<K, V> now = current();
        Timed<V> older = now.older().get(key);
        if (older != null && !isOver(older.at())) {
            return older.value();
        }
        Timed<V> first = now.younger().putIfAbsent(key, new Timed<>(value, nanoTime.getAsLong()));
        return first == null ? null : first.value();
    }

    /** Removes that value. */
    void remove(K key, V value) {
        for (Map<K, Timed<V>> one : List.of(generations.younger(), generations.older())) {
            one.computeIfPresent(key, (same, timed) -> timed.value().equals(value) ? null : timed);
        }
    }

    /** Drops expired values without a query. */
    void tidy() {
        Generations<K, V> unused = current();
    }

    private Generations<K, V> current() {
        Generations<K, V> now = generations;
        return isOver(now) ? next() : now;
    }

    private boolean isOver(Generations<K, V> now) {
        return isOver(now.began()) || now.younger().size() >= most;
    }

    private boolean isOver(long since) {
        return nanoTime.getAsLong() - since > lengthNanos;
    }

    private synchronized Generations<K, V> next() {
        if (isOver(generations)) {
            boolean isLongOver = isOver(generations.began() + lengthNanos);
            generations = new Generations<>(
                    nanoTime.getAsLong(),
                    new ConcurrentHashMap<>(),
                    isLongOver ? new ConcurrentHashMap<>() : generations.younger());
        }
        return generations;
    }
}

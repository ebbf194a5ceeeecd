package org.patronvault.privacy.entitlement;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What was remembered lately, for so long and no longer, in two generations: the younger takes what comes until it is old
 * or full, and then the older is forgotten. So everything stays for the whole time, unless more comes in it than there is
 * room for; then the oldest goes first, whoever it was of. Safe for use by many threads.
 */
final class Recent<K, V> {
    private record Timed<V>(V value, long at) {}

    private record Generations<K, V>(long began, Map<K, Timed<V>> younger, Map<K, Timed<V>> older) {}

    private final long lengthNanos;
    private final int most;
    private final LongSupplier nanoTime;
    private volatile Generations<K, V> generations;

    /**
     * Nothing yet.
     *
     * @param lengthNanos how long, nanoseconds
     * @param most how many a generation takes
     * @param nanoTime a monotonic clock
     */
    Recent(long lengthNanos, int most, LongSupplier nanoTime) {
        this.lengthNanos = lengthNanos;
        this.most = most;
        this.nanoTime = nanoTime;
        this.generations =
                new Generations<>(nanoTime.getAsLong(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }

    /** What is remembered under that key; if nothing is, {@code value} is from now on, and null comes back. */
    V putIfAbsent(K key, V value) {
        Generations<K, V> now = current();
        Timed<V> older = now.older().get(key);
        if (older != null && !isOver(older.at())) {
            return older.value();
        }
        Timed<V> first = now.younger().putIfAbsent(key, new Timed<>(value, nanoTime.getAsLong()));
        return first == null ? null : first.value();
    }

    /** Forgets that. */
    void remove(K key, V value) {
        for (Map<K, Timed<V>> one : List.of(generations.younger(), generations.older())) {
            one.computeIfPresent(key, (same, timed) -> timed.value().equals(value) ? null : timed);
        }
    }

    /** Forgets what is over, though nobody asks. */
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

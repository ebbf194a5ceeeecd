package org.patronvault.privacy.entitlement;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What was remembered lately, in two generations: the younger takes what comes until it is old or full, and then the older
 * is forgotten. So everything stays for the whole time, unless more comes in it than there is room for; then the oldest
 * goes first, whoever it was of. Safe for use by many threads.
 */
final class Recent<K, V> {
    private record Generations<K, V>(long began, Map<K, V> younger, Map<K, V> older) {}

    private final long lengthNanos;
    private final int most;
    private final LongSupplier nanoTime;
    private volatile Generations<K, V> generations;

    /**
     * Nothing yet.
     *
     * @param lengthNanos how long at least, nanoseconds
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
        V older = now.older().get(key);
        return older == null ? now.younger().putIfAbsent(key, value) : older;
    }

    /** Forgets that. */
    void remove(K key, V value) {
        boolean unused =
                generations.younger().remove(key, value) || generations.older().remove(key, value);
    }

    private Generations<K, V> current() {
        Generations<K, V> now = generations;
        return isOver(now) ? next() : now;
    }

    private boolean isOver(Generations<K, V> now) {
        return nanoTime.getAsLong() - now.began() > lengthNanos || now.younger().size() >= most;
    }

    private synchronized Generations<K, V> next() {
        if (isOver(generations)) {
            generations = new Generations<>(nanoTime.getAsLong(), new ConcurrentHashMap<>(), generations.younger());
        }
        return generations;
    }
}

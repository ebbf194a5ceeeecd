package org.patronvault.core.keys.ring;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.patronvault.core.model.Refused;

/**
 * The versions of one ring key that are not destroyed. The newest version makes new stored values. Every version reads
 * earlier ones. Thread-safe.
 *
 * @param <T> the primitive, ready for use
 */
public final class KeyVersions<T> {
    private final NavigableMap<Integer, T> newestFirst;
    private final List<T> all;
    private final Supplier<KeyVersions<T>> onDisk;

    /**
     * The given versions.
     *
     * @param onDisk the versions in the ring on disk, where another process may have added one
     */
    KeyVersions(Map<Integer, T> versions, Supplier<KeyVersions<T>> onDisk) {
        NavigableMap<Integer, T> sorted = new TreeMap<>(Collections.reverseOrder());
        sorted.putAll(versions);
        this.newestFirst = Collections.unmodifiableNavigableMap(sorted);
        this.all = List.copyOf(sorted.values());
        this.onDisk = onDisk;
    }

    /** The newest version, which makes everything that is stored from now on. */
    public T newest() {
        return all.get(0);
    }

    /** The number of the newest version. */
    public int newestVersion() {
        return newestFirst.firstKey();
    }

    /** Every version, the newest first. */
    public List<T> all() {
        return all;
    }

    /** Passes on each version with its number, the newest first. */
    public void forEach(BiConsumer<Integer, T> action) {
        newestFirst.forEach(action);
    }

    /**
     * Returns the version with that number, which another process may have made; empty if it is destroyed or never
     * existed.
     */
    public Optional<T> version(int number) {
        return Optional.ofNullable(newestFirst.get(number))
                .or(() -> Optional.ofNullable(onDisk.get().newestFirst.get(number)));
    }

    /** Whether the ring in use has the version of that number. */
    boolean isHere(int number) {
        return newestFirst.containsKey(number);
    }

    /**
     * Returns the number of the newest version that fits. If none in use fits, the ring on disk is read: another
     * process may have made a newer version.
     */
    public OptionalInt find(Predicate<T> fits) {
        OptionalInt here = findHere(fits);
        return here.isPresent()
                ? here
                : newer().map(newer -> newer.findHere(fits)).orElse(here);
    }

    /** Whether any version fits. */
    public boolean any(Predicate<T> fits) {
        return find(fits).isPresent();
    }

    private OptionalInt findHere(Predicate<T> fits) {
        return newestFirst.entrySet().stream()
                .filter(version -> fits.test(version.getValue()))
                .mapToInt(Map.Entry::getKey)
                .findFirst();
    }

    /** The versions in the ring on disk, if it has a newer one; empty too while that ring cannot be read. */
    public Optional<KeyVersions<T>> newer() {
        try {
            return Optional.of(onDisk.get()).filter(there -> there.newestVersion() > newestVersion());
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    /** Derives another key from each version. */
    <R> KeyVersions<R> derive(Function<T, R> derivation) {
        Map<Integer, R> derived = new TreeMap<>();
        newestFirst.forEach((number, key) -> derived.put(number, derivation.apply(key)));
        return new KeyVersions<>(derived, () -> onDisk.get().derive(derivation));
    }
}

package org.patronvault.keys;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.patronvault.model.PatronField;

/**
 * The versions of keys that are in use at one moment for what is stored of patrons: whatever a copy of the database made
 * by then holds of them opens by those versions or earlier ones, and by no later one.
 *
 * @param versions the primary version of each patron field, and of the search index, by the names that {@code keys rotate}
 *     takes
 */
public record KeysInUse(SortedMap<String, Integer> versions) {
    private static final String SEARCH = "search";

    /** One version of one key. */
    public record Version(String name, int version) {
        /** As {@code keys destroy} names it, with a hyphen between. */
        @Override
        public String toString() {
            return name + "-" + version;
        }
    }

    /** Those of now. */
    public static KeysInUse of(UnsealedKeys keys) {
        SortedMap<String, Integer> versions = new TreeMap<>();
        for (PatronField field : PatronField.values()) {
            versions.put(field.wireName(), keys.ring().primary(field.wireName()).version());
        }
        versions.put(SEARCH, keys.newestIndexVersion());
        return new KeysInUse(versions);
    }

    /** As an entry of the log says it: each version, with blanks between. */
    public String text() {
        return versions.entrySet().stream()
                .map(one -> new Version(one.getKey(), one.getValue()).toString())
                .collect(Collectors.joining(" "));
    }

    /** What {@link #text} wrote; empty if it is something else. */
    public static Optional<KeysInUse> parse(String text) {
        SortedMap<String, Integer> versions = new TreeMap<>();
        for (String word : text.split(" ", -1)) {
            int hyphen = word.lastIndexOf('-');
            if (hyphen < 1 || !word.substring(hyphen + 1).matches("[1-9][0-9]{0,8}")) {
                return Optional.empty();
            }
            versions.put(word.substring(0, hyphen), Integer.parseInt(word.substring(hyphen + 1)));
        }
        return Optional.of(new KeysInUse(versions));
    }

    /** Those, and earlier ones, that are not destroyed yet: while there are any, a copy of that time may be opened. */
    public List<Version> left(UnsealedKeys keys) {
        List<Version> left = new ArrayList<>();
        Map<String, List<RingKey>> byName =
                keys.inventory().stream().collect(Collectors.groupingBy(key -> nameOf(key.name())));
        versions.forEach((name, version) -> byName.getOrDefault(name, List.of()).stream()
                .filter(key -> key.version() <= version && key.state() != KeyState.DESTROYED)
                .map(key -> new Version(name, key.version()))
                .distinct()
                .forEach(left::add));
        return left;
    }

    private static String nameOf(String ringKey) {
        return Arrays.asList(KeyName.INDEX_LABEL, KeyName.INDEX_VALUE).contains(ringKey) ? SEARCH : ringKey;
    }
}

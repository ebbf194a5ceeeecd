package org.patronvault.core.keys.ring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.patronvault.core.model.PatronField;

/**
 * The key versions that are in use for patrons' data at one moment. A database copy made by then needs these versions
 * or earlier ones, and no later one.
 *
 * @param versions the primary version of each patron field, and of the search index, by the names that
 *     {@code keys rotate} takes
 */
public record KeysInUse(SortedMap<String, Integer> versions) {
    private static final String SEARCH = "search";

    /** One version of one key. */
    public record Version(String name, int version) {
        /** Returns the name and version as {@code keys destroy} takes them, with a hyphen between. */
        @Override
        public String toString() {
            return name + "-" + version;
        }
    }

    /** Returns the versions in use now. */
    public static KeysInUse of(UnsealedKeys keys) {
        SortedMap<String, Integer> versions = new TreeMap<>();
        for (PatronField field : PatronField.values()) {
            versions.put(field.wireName(), keys.ring().primary(field.wireName()).version());
        }
        versions.put(SEARCH, keys.newestIndexVersion());
        return new KeysInUse(versions);
    }

    /** Returns the text of a log entry: each version, with blanks between. */
    public String text() {
        return versions.entrySet().stream()
                .map(one -> new Version(one.getKey(), one.getValue()).toString())
                .collect(Collectors.joining(" "));
    }

    /** Parses a text of {@link #text}; empty if it is something else. */
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

    /**
     * Returns these and earlier versions that are not destroyed yet. While there are any, a copy of that time may be
     * decrypted.
     */
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

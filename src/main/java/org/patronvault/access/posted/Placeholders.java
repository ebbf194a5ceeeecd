package org.patronvault.access.posted;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The library's words for the placeholders in a posted policy. They are not part of the text, so a new telephone number
 * needs no new version.
 *
 * @param words by placeholder; a missing one is shown in general words
 */
public record Placeholders(Map<String, String> words) {
    private static final Map<String, String> IN_GENERAL =
            Map.of("library", "this library", "law", "the law", "contact", "the library's director");

    /** All placeholders. */
    public static final List<String> NAMES = List.of("library", "law", "contact");

    /** No words. */
    public static final Placeholders NONE = new Placeholders(Map.of());

    public Placeholders {
        words = Map.copyOf(words);
    }

    /** Returns these words with each rewritten, for formats in which some characters have a meaning. */
    public Placeholders with(UnaryOperator<String> writing) {
        return new Placeholders(
                NAMES.stream().collect(Collectors.toMap(name -> name, name -> writing.apply(of(name)))));
    }

    String of(String name) {
        return words.getOrDefault(name, IN_GENERAL.get(name));
    }

    /** Returns the placeholders in this text that have no words. */
    public List<String> unfilled(PostedPolicy policy) {
        return NAMES.stream()
                .filter(name -> policy.has(name) && !words.containsKey(name))
                .toList();
    }
}

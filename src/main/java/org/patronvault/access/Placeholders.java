package org.patronvault.access;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What stands in a posted policy for words that differ from library to library. They are no part of the text, so a new
 * telephone number needs no new version.
 *
 * @param words by placeholder; what is missing is told in general words
 */
public record Placeholders(Map<String, String> words) {
    private static final Map<String, String> IN_GENERAL =
            Map.of("library", "this library", "law", "the law", "contact", "the library's director");

    /** The placeholders there are. */
    public static final List<String> NAMES = List.of("library", "law", "contact");

    /** Where nothing was put in. */
    public static final Placeholders NONE = new Placeholders(Map.of());

    public Placeholders {
        words = Map.copyOf(words);
    }

    /** The same words written otherwise, for where some signs mean something. */
    public Placeholders with(UnaryOperator<String> writing) {
        return new Placeholders(
                NAMES.stream().collect(Collectors.toMap(name -> name, name -> writing.apply(of(name)))));
    }

    String of(String name) {
        return words.getOrDefault(name, IN_GENERAL.get(name));
    }

    /** The placeholders that this text has and nothing was put in for. */
    public List<String> unfilled(PostedPolicy policy) {
        return NAMES.stream()
                .filter(name -> policy.has(name) && !words.containsKey(name))
                .toList();
    }
}

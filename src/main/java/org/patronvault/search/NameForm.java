package org.patronvault.search;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The canonical form of one part of a name, for index and comparison. It has no case, accents, apostrophes, or suffixes
 * such as Jr, only the letters a to z. "O'Sullivan-Ng" is the words osullivan and ng and, joined, osullivanng. "de la
 * Cruz" is the word cruz and, joined, delacruz. Prints {@code [REDACTED]}.
 *
 * @param words the words that identify a name, so not the particles; at most {@value #MAX_WORDS}
 * @param joined the whole part in one; empty if there was no letter or digit
 */
public record NameForm(List<String> words, String joined) {
    /** The most words of a part that are indexed on their own. */
    static final int MAX_WORDS = 5;

    private static final Set<String> SUFFIXES = Set.of("jr", "sr", "ii", "iii", "iv", "2nd", "3rd", "4th");

    /** Words that identify a name only if nothing follows, as in the surnames Van and Le. */
    private static final Set<String> PARTICLES = Set.of(
            "de", "del", "dela", "della", "di", "da", "do", "dos", "das", "du", "des", "la", "las", "le", "les", "lo",
            "los", "el", "al", "van", "von", "der", "den", "ter", "ten", "zu", "bin", "ibn", "ben", "ap", "st", "y",
            "e");

    private static final char PRIVATE_USE = '\ue000';
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[\\s\\p{Z}\\p{Pd}/,;&\\u30fb]+");
    private static final Pattern NO_LETTER = Pattern.compile("[^\\p{L}\\p{N}]+");

    /** Returns the form of a written part, or of any other text. */
    public static NameForm of(String written) {
        List<String> tokens = tokens(written);
        List<String> words =
                tokens.stream().filter(token -> !isParticle(token)).distinct().toList();
        return new NameForm(
                (words.isEmpty() ? tokens.stream() : words.stream())
                        .limit(MAX_WORDS)
                        .toList(),
                String.join("", tokens));
    }

    /** Returns all words in the order written, with particles. Suffixes are included only if there is nothing else. */
    static List<String> tokens(String written) {
        List<String> all = BETWEEN_WORDS
                .splitAsStream(written)
                .map(word ->
                        ofOneUnit(NO_LETTER.matcher(Transliteration.of(word)).replaceAll("")))
                .filter(word -> !word.isEmpty())
                .toList();
        List<String> named = new ArrayList<>(all);
        named.removeIf(SUFFIXES::contains);
        return named.isEmpty() ? all : named;
    }

    /**
     * Replaces each letter above U+FFFF that ICU leaves as it is by two characters of private use (U+E000 to U+E7FF).
     * No other letter has these, so a form can be cut anywhere.
     */
    private static String ofOneUnit(String word) {
        StringBuilder units = new StringBuilder(word);
        for (int i = 0; i < units.length(); i++) {
            char unit = units.charAt(i);
            if (Character.isSurrogate(unit)) {
                units.setCharAt(i, (char) (unit - Character.MIN_SURROGATE + PRIVATE_USE));
            }
        }
        return units.toString();
    }

    static boolean isParticle(String word) {
        return PARTICLES.contains(word);
    }

    /** Returns the full forms that it is found by: joined, and each word. */
    Set<String> forms() {
        return Stream.concat(Stream.of(joined), words.stream())
                .filter(form -> !form.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * Returns the forms that it is found by through sound: each word, and the whole if it is one word and a particle.
     */
    Set<String> spoken() {
        return words.size() > 1 ? new LinkedHashSet<>(words) : forms();
    }

    /** Returns the first letter of a form. */
    static String initial(String form) {
        return form.substring(0, 1);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}

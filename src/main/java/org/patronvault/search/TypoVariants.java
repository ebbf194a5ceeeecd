package org.patronvault.search;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * All words that one slip of the keyboard turns into the one typed: a letter too many, two exchanged, one for another,
 * one left out (distance 1 in the sense of Damerau, CACM 7(3), 1964).
 */
final class TypoVariants {
    /** Shorter words are a letter away from too many others. */
    static final int MIN_LENGTH = 4;

    /** Longer ones would be too many probes; no name of one word in a thousand is that long. */
    static final int MAX_LENGTH = 20;

    private TypoVariants() {}

    /** Those words, the likelier first, without {@code typed}; none if it is too short or too long. */
    static Set<String> of(String typed) {
        Set<String> variants = new LinkedHashSet<>();
        int length = typed.length();
        if (length < MIN_LENGTH || length > MAX_LENGTH) {
            return variants;
        }
        for (int i = 0; i + 1 < length; i++) {
            variants.add(typed.substring(0, i) + typed.charAt(i + 1) + typed.charAt(i) + typed.substring(i + 2));
        }
        for (int i = 0; i < length; i++) {
            variants.add(typed.substring(0, i) + typed.substring(i + 1));
        }
        for (char letter = 'a'; letter <= 'z'; letter++) {
            for (int i = 0; i <= length; i++) {
                variants.add(typed.substring(0, i) + letter + typed.substring(i));
                if (i < length) {
                    variants.add(typed.substring(0, i) + letter + typed.substring(i + 1));
                }
            }
        }
        variants.remove(typed);
        return variants;
    }
}

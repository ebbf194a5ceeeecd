package org.patronvault.search;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The words at one typing error from a typed word: one letter too many, two swapped, one replaced, or one missing. This
 * is distance 1 in the sense of Damerau, CACM 7(3), 1964.
 */
final class TypoVariants {
    /** The shortest word with variants. Shorter words are one letter away from too many others. */
    static final int MIN_LENGTH = 4;

    /**
     * The longest word with variants. Longer words would need too many probes, and not one name word in a thousand is
     * longer.
     */
    static final int MAX_LENGTH = 20;

    private TypoVariants() {}

    /** Returns the variants, the likeliest first, without {@code typed}. Empty if the word is too short or too long. */
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

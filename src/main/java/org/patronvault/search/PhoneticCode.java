package org.patronvault.search;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.codec.language.DoubleMetaphone;

/**
 * The sound of a name, as the one or two codes of Double Metaphone (L. Philips, C/C++ Users Journal, June 2000), cut at
 * six letters. Two names sound alike if they share a code. The code follows English spelling and knows Spanish only in
 * part. So a typed name is also read as Spanish speakers may have spelled it, which costs no entry.
 */
final class PhoneticCode {
    /** Letters a Spanish speaker hears alike, and their position: pattern, replacement. */
    private static final List<Respelling> SPANISH = List.of(
            new Respelling("b", "v"),
            new Respelling("v", "b"),
            new Respelling("h(?=[aeiou])", "j"),
            new Respelling("^[jx](?=[aeiou])|^g(?=[ei])", "h"),
            new Respelling("^h(?=[aeiou])", ""),
            new Respelling("^(?=[aeiou])", "h"),
            new Respelling("ll|(?<=[aeiou])y(?=[aeiou])", "y"),
            new Respelling("y(?=[aeiou])", "ll"));

    private static final int CODE_LENGTH = 6;
    private static final DoubleMetaphone DOUBLE_METAPHONE = new DoubleMetaphone();

    static {
        DOUBLE_METAPHONE.setMaxCodeLen(CODE_LENGTH);
    }

    private PhoneticCode() {}

    private record Respelling(Pattern heard, String written) {
        private Respelling(String heard, String written) {
            this(Pattern.compile(heard), written);
        }

        private String of(String word) {
            return heard.matcher(word).replaceAll(written);
        }
    }

    /** Returns the codes of an indexed word; none if it has no letter that sounds. */
    static Set<String> codes(String word) {
        Set<String> codes = new LinkedHashSet<>();
        addCodes(codes, word);
        return codes;
    }

    /** Returns the codes of a typed word and of its Spanish spellings. */
    static Set<String> codesHeard(String word) {
        Set<String> codes = codes(word);
        SPANISH.forEach(respelling -> addCodes(codes, respelling.of(word)));
        return codes;
    }

    private static void addCodes(Set<String> codes, String word) {
        Stream.of(false, true)
                .map(alternate -> DOUBLE_METAPHONE.doubleMetaphone(word, alternate))
                .filter(code -> code != null && !code.isEmpty())
                .forEach(codes::add);
    }
}

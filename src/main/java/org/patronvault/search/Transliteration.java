package org.patronvault.search;

import com.ibm.icu.text.Transliterator;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The transliteration of any text into the letters a to z, so that a name is found in its own script and in Latin
 * letters. It applies NFKD, removes marks, and lowers the case. Other scripts, and Latin letters without a
 * decomposition (ø, ł, ß), follow the rules of ICU. Characters without an ICU rule stay as they are. Safe for use by
 * several threads.
 */
final class Transliteration {
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");

    private Transliteration() {}

    /** The rules, which take a second to read. Only a text with such a letter waits for them. */
    private static final class Rules {
        private static final Transliterator LATIN = Transliterator.getInstance("Latin-ASCII");
        // Marks stay until the letters are Latin: in Devanagari they are the vowels, in Cyrillic й is not и.
        private static final Transliterator ANY =
                Transliterator.getInstance("NFKC; Any-Latin; NFKD; [[:M:][:Cf:]] Remove; Latin-ASCII");
    }

    static String of(String written) {
        String plain = plain(written);
        if (isAscii(plain)) {
            return plain;
        }
        return plain.codePoints().allMatch(Transliteration::isLatinOrNoLetter)
                ? plain(Rules.LATIN.transliterate(plain))
                : plain(Rules.ANY.transliterate(written));
    }

    private static String plain(String text) {
        String bare = isAscii(text)
                ? text
                : MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD))
                        .replaceAll("");
        // Upper case first, for letters without a lower case of their own: ẞ, ı and ſ among them.
        return bare.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static boolean isLatinOrNoLetter(int c) {
        return !Character.isLetter(c) || Character.UnicodeScript.of(c) == Character.UnicodeScript.LATIN;
    }
}

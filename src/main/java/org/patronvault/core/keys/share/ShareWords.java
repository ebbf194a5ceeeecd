package org.patronvault.core.keys.share;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The 1,024 words that shares are written in, ten bits each, by their line in {@code words.txt}. No single wrong letter
 * turns one word into another. The first four letters identify a word.
 */
public final class ShareWords {
    static final int COUNT = 1024;
    static final int BITS = 10;

    private static final List<String> WORDS = read();
    private static final Map<String, Integer> NUMBERS = numbers();

    private ShareWords() {}

    private static List<String> read() {
        try (InputStream in = ShareWords.class.getResourceAsStream("words.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            return lines.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        for (String word : WORDS) {
            numbers.put(word, numbers.size());
        }
        return numbers;
    }

    /** Returns the word of a number, 0 to 1,023. */
    public static String word(int number) {
        return WORDS.get(number);
    }

    /** Returns the number of a word in lower case; empty if it is not in the list. */
    static OptionalInt number(String word) {
        Integer number = NUMBERS.get(word);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}

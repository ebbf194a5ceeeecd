package org.patronvault.core.keys.share;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The text that a person typed from a card, parsed into the numbers of thirty words. */
final class ShareInput {
    private static final int MAX_CHARACTERS = 2_000;
    private static final Pattern BLANKS = Pattern.compile("[\\s\\u00a0]+");
    private static final Pattern PLACE = Pattern.compile("^[0-9]{1,2}(\\.|$)");
    private static final Pattern LETTERS = Pattern.compile("[A-Za-z]+");

    private ShareInput() {}

    static int[] numbers(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new Refused(Problem.SHARE_MISTYPED, "A share has 30 words and nothing else; this is far longer.");
        }
        List<String> words = Arrays.stream(BLANKS.split(text, -1))
                .map(word -> PLACE.matcher(word).replaceFirst(""))
                .filter(word -> !word.isEmpty())
                .toList();
        List<Integer> numbers = new ArrayList<>();
        for (String word : words) {
            OptionalInt number = LETTERS.matcher(word).matches()
                    ? ShareWords.number(word.toLowerCase(Locale.ROOT))
                    : OptionalInt.empty();
            numbers.add(number.orElseThrow(() -> new Refused(
                    Problem.SHARE_MISTYPED,
                    "Word " + (numbers.size() + 1) + " is not in the list; look at the card again.")));
        }
        if (numbers.size() != Share.WORDS) {
            throw new Refused(Problem.SHARE_MISTYPED, "A share has 30 words; " + numbers.size() + " came.");
        }
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }
}

package org.patronvault.search;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.PostingQuery;
import org.patronvault.core.model.PatronField;

/**
 * A search by name as a clerk typed it: "Smith, J", "j smith" and "smith j" are one query. The words before a comma are
 * the family name. Without a comma, every split into family and given name is tried, in both orders. Prints
 * {@code [REDACTED]}.
 */
public final class NameQuery {
    /**
     * The most probes for typing errors. Only the likeliest readings get them, first those with the shortest family
     * names. They suffice for every reading of three words, and for the readings of four that split them in the middle.
     */
    static final int MAX_TYPO_PROBES = 2_400;

    /**
     * The most postings to read for one rank below exact. Without a limit, a list of thousands would be read to its end
     * if nobody fits, and the next rank finds better. With an exact match it is a quarter.
     */
    public static final int MAX_READS = 1_000;

    private static final int LAST_DIGITS = 4;
    private static final int MAX_WORDS = 10;

    /** The most digits in words of digits alone that can belong to a name, as in "Jennifer 8. Lee". */
    private static final int MAX_NAME_DIGITS = 3;

    /** So many digits in words of digits alone are a telephone number. */
    private static final int MIN_PHONE_DIGITS = 7;

    private static final Pattern FOUR_DIGITS = Pattern.compile("(?<![\\p{L}\\p{N}])[0-9]{4}(?![\\p{L}\\p{N}])");

    /** Written without a blank between family and given name. */
    private static final Pattern BETWEEN_SYLLABLES =
            Pattern.compile("(?<=[\\p{IsHan}\\p{IsHangul}])(?=[\\p{IsHan}\\p{IsHangul}])");

    /** The readings, the likeliest first. */
    private final List<Cut> readings;

    /** A reading, its relative unlikeliness, and the number of words in its family name. */
    private record Cut(NameReading reading, int unlikely, int familyWords) {}

    private NameQuery(List<Cut> readings) {
        this.readings = List.copyOf(readings);
    }

    /**
     * Parses a query. Four digits alone are the end of a card or telephone number. Digits in a word with letters, and up
     * to three beside such words, belong to the name. Empty if no word has a letter, or if the digits are a card or
     * telephone number.
     */
    public static Optional<NameQuery> of(String typed) {
        Matcher four = FOUR_DIGITS.matcher(typed);
        Optional<String> digits = four.find() ? Optional.of(four.group()) : Optional.empty();
        String parted = BETWEEN_SYLLABLES
                .matcher(Normalizer.normalize(four.replaceFirst(" "), Normalizer.Form.NFC))
                .replaceAll(" ");
        List<String> words = words(parted);
        if (!isName(words, digits.isPresent())) {
            return Optional.empty();
        }
        int comma = parted.indexOf(',');
        List<String> before = comma < 0 ? List.of() : words(parted.substring(0, comma));
        // "John Smith, Jr." has no name behind its comma.
        boolean isFamily = !before.isEmpty() && (before.size() < words.size() || parted.endsWith(","));
        return Optional.of(
                new NameQuery(isFamily ? familyFirst(before, words, digits) : anyOrder(words, tied(parted), digits)));
    }

    private static boolean isName(List<String> words, boolean hasFourDigits) {
        int digits = words.stream()
                .filter(NameQuery::isNumber)
                .mapToInt(String::length)
                .sum();
        boolean isPhone = hasFourDigits && digits + LAST_DIGITS >= MIN_PHONE_DIGITS;
        return digits <= MAX_NAME_DIGITS && !isPhone && words.stream().anyMatch(word -> !isNumber(word));
    }

    private static boolean isNumber(String word) {
        return word.chars().allMatch(Character::isDigit);
    }

    /** Returns the probes of a rank, to be made in this order until a page is full. */
    public List<PostingQuery> probes(MatchRank rank) {
        if (rank != MatchRank.TYPO) {
            return readings().flatMap(reading -> reading.probes(rank)).toList();
        }
        int likeliest = readings.get(0).unlikely();
        return readings.stream()
                .filter(cut -> cut.unlikely() == likeliest)
                .sorted(Comparator.comparingInt(Cut::familyWords))
                .flatMap(cut -> cut.reading().probes(rank))
                .limit(MAX_TYPO_PROBES)
                .toList();
    }

    /** Returns the fields whose values are searched. Four digits may be those of a card or of a phone number. */
    public Set<PatronField> fields() {
        return readings().allMatch(reading -> reading.digits().isPresent())
                ? TermClass.FAMILY_DIGITS.fields()
                : TermClass.FAMILY.fields();
    }

    /** Returns the query read only in these ways. */
    NameQuery readAs(Set<NameReading> meant) {
        return new NameQuery(
                readings.stream().filter(cut -> meant.contains(cut.reading())).toList());
    }

    Stream<NameReading> readings() {
        return readings.stream().map(Cut::reading);
    }

    private static List<Cut> familyFirst(List<String> family, List<String> words, Optional<String> digits) {
        NameReading only = family.size() < words.size()
                ? NameReading.ofTwo(family, words.subList(family.size(), words.size()), digits)
                : NameReading.ofOne(family, false, false, digits);
        return List.of(new Cut(only, 0, family.size()));
    }

    /** Returns the pairs of words with no blank between them. */
    private static Set<List<String>> tied(String typed) {
        Set<List<String>> tied = new HashSet<>();
        for (String part : typed.split("\\s+", -1)) {
            List<String> words = words(part);
            for (int i = 1; i < words.size(); i++) {
                tied.add(words.subList(i - 1, i + 1));
            }
        }
        return tied;
    }

    private static List<Cut> anyOrder(List<String> words, Set<List<String>> tied, Optional<String> digits) {
        List<Cut> cuts = new ArrayList<>();
        for (int at = 1; at < words.size(); at++) {
            List<String> head = words.subList(0, at);
            List<String> tail = words.subList(at, words.size());
            // "de la | Cruz", "O'Sullivan- | Ng": a particle, or a word with a hyphen, belongs to the next word.
            boolean belongs = NameForm.isParticle(words.get(at - 1)) || tied.contains(words.subList(at - 1, at + 1));
            int unlikely = belongs ? 2 : 0;
            cuts.add(new Cut(NameReading.ofTwo(tail, head, digits), unlikely, tail.size()));
            cuts.add(new Cut(NameReading.ofTwo(head, tail, digits), unlikely, head.size()));
        }
        boolean isParted = cuts.stream().anyMatch(cut -> cut.unlikely() == 0);
        cuts.add(new Cut(NameReading.ofOne(words, true, isParted, digits), 1, words.size()));
        cuts.sort(Comparator.comparingInt(Cut::unlikely));
        return cuts;
    }

    private static List<String> words(String text) {
        return NameForm.tokens(text).stream().limit(MAX_WORDS).toList();
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}

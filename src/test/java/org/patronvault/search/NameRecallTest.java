package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.testing.LongRun;

/** Tests that every patron is found in every promised way, and counts of other results. */
final class NameRecallTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int PAGE = 21;
    /** Respellings of letters in a name. Some also change the sound, and are skipped. */
    private static final List<List<String>> RESPELLINGS = List.of(
            List.of("ph", "f"),
            List.of("ck", "k"),
            List.of("z", "s"),
            List.of("c(?=[aou])", "k"),
            List.of("k(?=[aou])", "c"),
            List.of("ll", "l"),
            List.of("tt", "t"),
            List.of("ss", "s"),
            List.of("nn", "n"),
            List.of("(?<=.)y", "i"),
            List.of("(?<=.)e", "a"),
            List.of("(?<=.)o", "u"),
            List.of("(?<=.)a", "e"),
            List.of("(?<=.)i", "y"));

    private static final List<Somebody> PEOPLE = Somebody.many(LongRun.times(1_000, 5_000));
    private static final NameIndex INDEX = NameIndex.of(PEOPLE);

    /** A typed text that must find a patron at that rank or a better one. */
    record Way(String name, String typed, MatchRank rank) {}

    private static Stream<Way> exactly(Somebody somebody) {
        String family = somebody.name().family();
        Stream<Way> alone = Stream.concat(Stream.of(family), somebody.called())
                .filter(name -> NameQuery.of(name).isPresent())
                .map(name -> new Way("alone", name, MatchRank.EXACT));
        Stream<Way> together = somebody.called()
                .flatMap(given -> Stream.of(
                        new Way("family, given", family + ", " + given, MatchRank.EXACT),
                        new Way("given family", given + " " + family, MatchRank.EXACT),
                        new Way("family given", family + " " + given, MatchRank.EXACT),
                        new Way("bare", bare(family) + " " + bare(given), MatchRank.EXACT),
                        new Way("suffix", given + " " + family + ", III", MatchRank.EXACT),
                        new Way("middle initial", given + " Q. " + family, MatchRank.EXACT),
                        new Way("family, i", family + ", " + initial(given), MatchRank.EXACT),
                        new Way("i family", initial(given) + " " + bare(family), MatchRank.EXACT),
                        new Way("family i", bare(family) + " " + initial(given), MatchRank.EXACT)));
        return Stream.of(alone, together, ofWords(somebody), withDigits(somebody))
                .flatMap(ways -> ways);
    }

    /** Returns every way in which a patron must be found, with one start and one typing error of each sort. */
    static Stream<Way> ways(Somebody somebody, Random random) {
        return Stream.of(exactly(somebody), byStart(somebody, random), mistyped(somebody, random))
                .flatMap(some -> some);
    }

    private static Stream<Way> ofWords(Somebody somebody) {
        List<String> words = NameForm.of(somebody.name().family()).words();
        return words.stream()
                .flatMap(word -> Stream.concat(
                        Stream.of(new Way("word", word, MatchRank.EXACT)),
                        somebody.called().map(given -> new Way("word, given", word + ", " + given, MatchRank.EXACT))));
    }

    private static Stream<Way> withDigits(Somebody somebody) {
        return Stream.concat(
                        somebody.cards().stream(), somebody.phones().stream().map(Phones::termOf))
                .map(number -> number.substring(number.length() - 4))
                .map(four -> new Way("last four", somebody.name().family() + " " + four, MatchRank.EXACT));
    }

    private static Stream<Way> byStart(Somebody somebody, Random random) {
        String family = bare(somebody.name().family());
        if (family.length() <= NameTerms.MIN_START) {
            return Stream.empty();
        }
        int length = NameTerms.MIN_START + random.nextInt(family.length() - NameTerms.MIN_START);
        String start = family.substring(0, length);
        return Stream.concat(
                Stream.of(new Way("start", start, MatchRank.PREFIX)),
                somebody.called()
                        .map(NameRecallTest::bare)
                        .map(given -> new Way(
                                "start, start",
                                start + " " + given.substring(0, Math.min(2, given.length())),
                                MatchRank.PREFIX)));
    }

    private static Stream<Way> mistyped(Somebody somebody, Random random) {
        String family = bare(somebody.name().family());
        return somebody.called()
                .map(NameRecallTest::bare)
                .flatMap(given -> Stream.of(
                                slip(family, random)
                                        .map(typed -> new Way("slip, given", typed + ", " + given, MatchRank.TYPO)),
                                slip(given, random)
                                        .map(typed -> new Way("family, slip", family + ", " + typed, MatchRank.TYPO)),
                                slip(family, random)
                                        .map(typed -> new Way("given slip", given + " " + typed, MatchRank.TYPO)),
                                slip(given, random)
                                        .map(typed -> new Way("slip family", typed + " " + family, MatchRank.TYPO)))
                        .flatMap(ways -> ways));
    }

    /** Returns names typed with blanks, of three words and more, with an error in the last word. */
    private static Stream<Way> mistypedBehindTwo(Somebody somebody, Random random) {
        String family = bare(somebody.name().family());
        return somebody.called()
                .filter(given -> NameForm.of(given).words().size() == 2
                        && NameForm.tokens(given).size() == 2)
                .flatMap(given -> slip(family, random)
                        .map(typed -> new Way("given given slip", given + " " + typed, MatchRank.TYPO)));
    }

    /** Returns other spellings with the same sound, by the phonetic code. */
    private static Stream<String> respelt(String word) {
        return RESPELLINGS.stream()
                .map(two -> word.replaceFirst(two.get(0), two.get(1)))
                .filter(typed -> !typed.equals(word))
                .filter(typed -> PhoneticCode.codes(word).stream().anyMatch(PhoneticCode.codesHeard(typed)::contains))
                .limit(1);
    }

    /** Returns the name with a middle name behind a blank, if names are written so. */
    private static String middled(String given) {
        return given.codePoints()
                        .allMatch(c -> Character.UnicodeScript.of(c) != Character.UnicodeScript.HAN
                                && Character.UnicodeScript.of(c) != Character.UnicodeScript.HANGUL)
                ? given + " Ann"
                : given;
    }

    private static Stream<Way> bySound(Somebody somebody) {
        NameForm family = NameForm.of(somebody.name().family());
        if (family.joined().length() < NameTerms.MIN_START || family.words().size() > 1) {
            return family.words().stream()
                    .limit(1)
                    .filter(word -> word.length() >= NameTerms.MIN_START)
                    .flatMap(NameRecallTest::respelt)
                    .flatMap(typed -> somebody.called()
                            .map(given -> new Way("sound of a word, given", typed + ", " + given, MatchRank.PHONETIC)));
        }
        Stream<Way> alone = respelt(family.joined()).map(typed -> new Way("sound alone", typed, MatchRank.PHONETIC));
        Stream<Way> together = somebody.called()
                .flatMap(given -> respelt(family.joined())
                        .flatMap(typed -> Stream.concat(
                                Stream.of(
                                        new Way("sound, given", typed + ", " + given, MatchRank.PHONETIC),
                                        new Way("given sound", given + " " + typed, MatchRank.PHONETIC),
                                        new Way("given middle sound", middled(given) + " " + typed, MatchRank.PHONETIC),
                                        new Way("i sound", initial(given) + " " + typed, MatchRank.PHONETIC)),
                                respelt(NameForm.of(given).words().get(0))
                                        .map(other ->
                                                new Way("sound, sound", typed + ", " + other, MatchRank.PHONETIC)))));
        return Stream.concat(alone, together);
    }

    /** Returns a typing error, if the word is long enough for one. */
    private static Stream<String> slip(String word, Random random) {
        List<String> slips = TypoVariants.of(word).stream()
                .filter(typed -> typed.length() >= TypoVariants.MIN_LENGTH)
                .toList();
        return slips.isEmpty() ? Stream.empty() : Stream.of(slips.get(random.nextInt(slips.size())));
    }

    private static String bare(String written) {
        return NameForm.of(written).joined();
    }

    private static String initial(String given) {
        return NameForm.initial(bare(given));
    }

    private static boolean isFound(Somebody somebody, Way way) {
        MatchRank rank = INDEX.search(way.typed(), ALL, way.rank()).get(somebody);
        return rank != null && rank.compareTo(way.rank()) <= 0;
    }

    private static Map<String, List<String>> missed(Stream<Map.Entry<Somebody, Way>> ways) {
        Map<String, List<String>> missed = new TreeMap<>();
        ways.filter(way -> !isFound(way.getKey(), way.getValue()))
                .forEach(way -> missed.computeIfAbsent(way.getValue().name(), first -> new ArrayList<>())
                        .add(way.getValue().typed()));
        return missed;
    }

    @Test
    void everyoneIsFoundByWholeNamesInitialsWordsAndLastFour() {
        assertThat(missed(PEOPLE.stream().flatMap(one -> exactly(one).map(way -> Map.entry(one, way)))))
                .isEmpty();
    }

    @Test
    void whoHasRoomForEveryTermIsFoundByEveryStart() {
        Random random = new Random(2);
        assertThat(missed(PEOPLE.stream()
                        .filter(one -> !overflows(one))
                        .flatMap(one -> byStart(one, random).map(way -> Map.entry(one, way)))))
                .isEmpty();
    }

    @Test
    void everyoneIsFoundInSpiteOfOneSlip() {
        Random random = new Random(3);
        assertThat(missed(PEOPLE.stream().flatMap(one -> mistyped(one, random).map(way -> Map.entry(one, way)))))
                .isEmpty();
    }

    @Test
    void everyoneIsFoundInSpiteOfASlipBehindTwoGivenNames() {
        Random random = new Random(6);
        List<Map.Entry<Somebody, Way>> ways = PEOPLE.stream()
                .flatMap(one -> mistypedBehindTwo(one, random).map(way -> Map.entry(one, way)))
                .toList();
        assertThat(ways).hasSizeGreaterThan(PEOPLE.size() / 50);
        assertThat(missed(ways.stream())).isEmpty();
    }

    @Test
    void whoHasRoomForEverySoundIsFoundByIt() {
        List<Map.Entry<Somebody, Way>> ways = PEOPLE.stream()
                .filter(one -> !lost(one, TermClass.SOUND, TermClass.SOUND_INITIAL, TermClass.SOUND_PAIR))
                // The first word of a given name of several, with a middle name behind it, is not the whole of it.
                .filter(one ->
                        one.called().allMatch(given -> NameForm.tokens(given).size() == 1))
                .flatMap(one -> bySound(one).map(way -> Map.entry(one, way)))
                .toList();
        assertThat(ways).hasSizeGreaterThan(2 * PEOPLE.size());
        assertThat(missed(ways.stream())).isEmpty();
    }

    private static boolean overflows(Somebody one) {
        return one.allTerms().size() > one.terms().size();
    }

    /** Returns the median, the 90th and the 99th percentile, and the largest of some numbers. */
    private static List<Integer> spread(Stream<Integer> numbers) {
        List<Integer> sorted = numbers.sorted().toList();
        int size = sorted.size();
        return List.of(
                sorted.get(size / 2), sorted.get(size * 9 / 10), sorted.get(size * 99 / 100), sorted.get(size - 1));
    }

    private static long count(List<Somebody> people, Predicate<Somebody> property) {
        return people.stream().filter(property).count();
    }

    /** Whether there was no room for one of these. */
    private static boolean lost(Somebody one, TermClass... types) {
        return one.allTerms().stream()
                .filter(term -> List.of(types).contains(term.term().type()))
                .anyMatch(term -> !one.terms().contains(term));
    }

    @Test
    void fewerThanOnePatronInFifteenHasMoreTermsThanRoomAndLosesStartsOnly() {
        List<Somebody> madeUp = PEOPLE.stream().filter(one -> !one.isRare()).toList();
        List<Somebody> rare = PEOPLE.stream().filter(Somebody::isRare).toList();
        for (List<Somebody> people : List.of(madeUp, rare)) {
            report(
                    "terms %s of %d people, of whom lose starts %d, starts of the family name %d, sounds %d, others %d",
                    spread(people.stream()
                            .map(one -> one.contacts() + one.allTerms().size())),
                    people.size(),
                    count(people, NameRecallTest::overflows),
                    count(people, one -> lost(one, TermClass.FAMILY_START)),
                    count(people, one -> lost(one, TermClass.SOUND, TermClass.SOUND_INITIAL, TermClass.SOUND_PAIR)),
                    count(people, one -> lost(one, TermClass.FAMILY_INITIAL, TermClass.FAMILY_DIGITS)));
        }
        assertThat(count(madeUp, NameRecallTest::overflows)).isLessThan(madeUp.size() / 15);
        assertThat(count(madeUp, one -> lost(one, TermClass.SOUND, TermClass.SOUND_INITIAL, TermClass.SOUND_PAIR)))
                .isLessThan(madeUp.size() / 200);
        assertThat(PEOPLE)
                .noneMatch(one -> lost(one, TermClass.FAMILY, TermClass.GIVEN))
                .noneMatch(one -> !one.isRare() && lost(one, TermClass.FAMILY_INITIAL, TermClass.FAMILY_DIGITS));
    }

    @Test
    void whoHasMoreTermsThanRoomIsFoundByEveryOtherStart() {
        Random random = new Random(5);
        List<Map.Entry<Somebody, Way>> ways = PEOPLE.stream()
                .filter(NameRecallTest::overflows)
                .flatMap(one -> byStart(one, random).map(way -> Map.entry(one, way)))
                .toList();
        int missed =
                missed(ways.stream()).values().stream().mapToInt(List::size).sum();
        report("starts of those who lose some: %d tried, %d missed", ways.size(), missed);
        assertThat(missed).isLessThan(ways.size() / 2);
    }

    /** Whether the names themselves, not their hints, match at the given rank. */
    private static boolean isTrue(Somebody one, String typed, MatchRank rank) {
        Set<String> families = NameForm.of(one.name().family()).forms();
        Set<String> called = one.called()
                .flatMap(given -> NameForm.of(given).forms().stream())
                .collect(Collectors.toSet());
        return NameQuery.of(typed)
                .orElseThrow()
                .readings()
                .filter(reading -> reading.digits().stream().allMatch(one::hasDigits))
                .anyMatch(reading -> isTrue(families, called, reading, rank));
    }

    private static boolean isTrue(Set<String> families, Set<String> called, NameReading reading, MatchRank rank) {
        String family = reading.family();
        String given = reading.given();
        if (given.isEmpty()) {
            return matches(families, family, rank) || (reading.orGiven() && matches(called, family, rank));
        }
        if (reading.digits().isPresent() && rank != MatchRank.EXACT) {
            return matches(families, family, rank == MatchRank.TYPO ? rank : MatchRank.EXACT);
        }
        boolean first = rank == MatchRank.PREFIX && matches(called, reading.first(), MatchRank.EXACT);
        boolean beside = rank == MatchRank.PHONETIC
                ? Stream.of(given, reading.first())
                        .anyMatch(name -> matches(called, name, rank) || isInitialOf(called, name))
                : matches(called, given, MatchRank.PREFIX) || isInitialOf(called, given) || first;
        boolean whole = rank == MatchRank.EXACT
                ? matches(families, family, rank) && (matches(called, given, rank) || isInitialOf(called, given))
                : (matches(families, family, rank)
                                || (rank == MatchRank.PHONETIC && matches(families, reading.familyFirst(), rank)))
                        && beside;
        return whole || (rank == MatchRank.TYPO && families.contains(family) && matches(called, given, rank));
    }

    private static boolean isInitialOf(Set<String> called, String given) {
        return given.length() == 1 && called.stream().anyMatch(name -> name.startsWith(given));
    }

    private static boolean matches(Set<String> forms, String typed, MatchRank rank) {
        return switch (rank) {
            case EXACT -> forms.contains(typed);
            case PREFIX -> forms.stream().anyMatch(form -> form.startsWith(typed));
            case PHONETIC ->
                forms.stream()
                        .flatMap(form -> PhoneticCode.codes(form).stream())
                        .anyMatch(PhoneticCode.codesHeard(typed)::contains);
            case TYPO -> TypoVariants.of(typed).stream().anyMatch(forms::contains);
        };
    }

    private static void report(String form, Object... values) {
        System.out.println(String.format(Locale.ROOT, form, values));
    }

    @Test
    void onlyStartsAndSlipsBringFalseResultsAndFew() {
        Random random = new Random(4);
        Map<MatchRank, int[]> results = new EnumMap<>(MatchRank.class);
        Map<String, List<Integer>> probes = new TreeMap<>();
        Map<String, List<Integer>> reads = new TreeMap<>();
        for (Somebody one : PEOPLE) {
            List<Way> ways = ways(one, random).toList();
            Way way = ways.get(random.nextInt(ways.size()));
            int probed = INDEX.probes();
            int read = INDEX.reads();
            Map<Somebody, MatchRank> found = INDEX.search(way.typed(), PAGE, MatchRank.TYPO);
            probes.computeIfAbsent(way.name(), first -> new ArrayList<>()).add(INDEX.probes() - probed);
            reads.computeIfAbsent(way.name(), first -> new ArrayList<>()).add(INDEX.reads() - read);
            found.forEach((who, rank) -> {
                int[] count = results.computeIfAbsent(rank, first -> new int[2]);
                count[0]++;
                count[1] += isTrue(who, way.typed(), rank) ? 0 : 1;
            });
        }
        probes.forEach((way, each) ->
                report("%s: probes %s, reads %s", way, spread(each.stream()), spread(reads.get(way).stream())));
        results.forEach((rank, count) -> report("%s: %d results, %d false", rank, count[0], count[1]));
        assertThat(results.get(MatchRank.EXACT)[1]).isLessThan(results.get(MatchRank.EXACT)[0] / 1_000);
        // With fewer people, a start finds fewer of them rightly, but no fewer false results.
        assertThat(results.get(MatchRank.PREFIX)[1]).isLessThan(results.get(MatchRank.PREFIX)[0] / LongRun.times(5, 8));
        assertThat(results.get(MatchRank.PHONETIC)[1]).isZero();
        assertThat(results.get(MatchRank.TYPO)[1]).isLessThan(results.get(MatchRank.TYPO)[0] / 25);
    }
}

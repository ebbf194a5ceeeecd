package org.patronvault.app.madeup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.LocalDate;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Status;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.Emails;
import org.patronvault.search.Phones;
import org.patronvault.testing.LongRun;

final class MadeUpPatronsTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 24);
    private static final int MANY = 200_000;
    private static final List<MadeUpPatron> PATRONS = all(1, MANY);

    private static List<MadeUpPatron> all(long seed, int size) {
        MadeUpPatrons patrons = new MadeUpPatrons(seed, size, TODAY);
        return IntStream.rangeClosed(1, size).mapToObj(patrons::patron).toList();
    }

    private static double share(Predicate<MadeUpPatron> property) {
        return (double) PATRONS.stream().filter(property).count() / MANY;
    }

    private static String withoutMarks(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFD).replaceAll("\\p{M}+", "");
    }

    private static Map<String, Long> counts(Function<MadeUpPatron, String> name) {
        return PATRONS.stream()
                .map(name)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.groupingBy(MadeUpPatronsTest::withoutMarks, Collectors.counting()));
    }

    private static Map<String, Double> table(String resource) {
        Map<String, Double> shares = new HashMap<>();
        for (String line : WordLists.of(resource)) {
            String[] row = line.split(",", -1);
            shares.put(row[0], Double.parseDouble(row[1]));
        }
        return shares;
    }

    @Test
    void sameSeedGivesTheSamePatronsWhateverTheSize() {
        assertThat(all(1, 1_000)).isEqualTo(PATRONS.subList(0, 1_000));
        assertThat(all(2, 1_000)).isNotEqualTo(PATRONS.subList(0, 1_000));
    }

    @Test
    void patronTakenAtRandomIsTheOneReadInTurn() {
        MadeUpPatrons patrons = new MadeUpPatrons(1, MANY, TODAY);

        for (int number : new int[] {199_999, 61, 60, 1, 120_000}) {
            assertThat(patrons.patron(number)).isEqualTo(PATRONS.get(number - 1));
        }
    }

    @Test
    void surnamesAreAsFrequentAsInTheTable() {
        assertShares(table("surnames.csv"), counts(patron -> patron.name().family()), 0.20);
    }

    @Test
    void givenNamesAreAsFrequentAsInTheTable() {
        assertShares(table("given-names.csv"), counts(patron -> patron.name().given()), 0.15);
    }

    /** The whole table within 3 %; each name within four standard deviations, for one of 0.25 % {@code tolerance}. */
    private static void assertShares(Map<String, Double> table, Map<String, Long> counts, double tolerance) {
        double wanted = table.values().stream().mapToDouble(Double::doubleValue).sum();
        double seen = table.keySet().stream()
                .mapToDouble(name -> (double) counts.getOrDefault(name, 0L) / MANY)
                .sum();
        assertThat(seen).isCloseTo(wanted, within(0.03 * wanted));
        double rarest =
                table.values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        table.forEach((name, share) -> {
            double own = tolerance * Math.sqrt(0.0025 / share);
            assertThat((double) counts.getOrDefault(name, 0L) / MANY)
                    .as(name)
                    .isCloseTo(share, within(Math.max(own, 0.10) * share));
        });
        counts.forEach((name, count) -> {
            if (!table.containsKey(name)) {
                assertThat((double) count / MANY).as(name).isLessThan(1.5 * rarest);
            }
        });
    }

    @Test
    void tailIsNotExhaustedBySize() {
        Function<Integer, Integer> distinct = n -> PATRONS.subList(0, n).stream()
                .map(patron -> patron.name().family())
                .collect(Collectors.toSet())
                .size();

        assertThat(distinct.apply(20_000)).isGreaterThan(4_000);
        assertThat(distinct.apply(MANY)).isGreaterThan(5 * distinct.apply(20_000));
    }

    @Test
    void tableIsTheOneOfTheSpecification() throws IOException {
        for (String name : List.of("surnames.csv", "given-names.csv")) {
            Path file = Path.of("../shared/data").resolve(name);
            assumeTrue(Files.exists(file), "../shared is not beside this checkout");
            assertThat(WordLists.of(name))
                    .isEqualTo(Files.readAllLines(file).stream().skip(1).toList());
        }
    }

    @Test
    void cardsAreValidBarcodesAndUnique() {
        assertThat(PATRONS.stream().map(MadeUpPatron::card))
                .allMatch(card -> CardNumbers.isPatronBarcode(card) && CardNumbers.checkDigitHolds(card))
                .doesNotHaveDuplicates();
    }

    @Test
    void eachWayOfWritingANumberMeansTheSameNumber() {
        Phones phones = new Phones("US");

        for (int style = 0; style < MadeUpPhone.STYLES; style++) {
            for (String extension : List.of("", "5071")) {
                MadeUpPhone phone = MadeUpPhone.number(4_711, extension, style);
                assertThat(phones.canonical(phone.written())).isEqualTo(phone.canonical());
            }
        }
        assertThat(IntStream.range(0, MadeUpPhone.STYLES)
                        .mapToObj(style -> MadeUpPhone.number(4_711, "", style).written())
                        .distinct())
                .hasSizeGreaterThanOrEqualTo(8);
    }

    @Test
    void numbersAreValidInEveryAreaAndAreNobodys() throws NumberParseException {
        PhoneNumberUtil plan = PhoneNumberUtil.getInstance();
        Set<String> areas = new HashSet<>();

        for (int index = 0; index < MadeUpPhone.NUMBERS; index += 4_999) {
            String number = MadeUpPhone.number(index, "", 0).canonical();
            assertThat(plan.isValidNumber(plan.parse(number, "US"))).as(number).isTrue();
            assertThat(number).matches("\\+1\\d{3}(55501\\d\\d|[23578]11\\d{4})");
            areas.add(number.substring(2, 5));
        }
        assertThat(areas).hasSizeGreaterThan(300);
    }

    @Test
    void numbersAreAllDifferentBeforeTheyRepeat() {
        BitSet seen = new BitSet();
        // A number that comes twice among all comes twice among some, if the rule that makes them is at fault.
        int step = LongRun.times(17, 1);
        int made = 0;
        for (int index = 0; index < MadeUpPhone.NUMBERS; index += step, made++) {
            String national = MadeUpPhone.number(index, "", 0).national();
            int exchange = List.of("555", "211", "311", "511", "711", "811").indexOf(national.substring(3, 6));
            int area = Integer.parseInt(national.substring(0, 3));
            seen.set((area * 6 + exchange) * 10_000 + Integer.parseInt(national.substring(6)));
        }

        assertThat(seen.cardinality()).isEqualTo(made);
    }

    @Test
    void householdsShareAddressAndTelephoneAndOthersDoNot() {
        Map<String, List<MadeUpPatron>> byPhone = new HashMap<>();
        for (MadeUpPatron patron : PATRONS) {
            patron.canonicalPhones()
                    .forEach(phone -> byPhone.computeIfAbsent(phone, p -> new java.util.ArrayList<>())
                            .add(patron));
        }

        List<List<MadeUpPatron>> shared =
                byPhone.values().stream().filter(who -> who.size() > 1).toList();
        assertThat(shared).hasSizeGreaterThan(MANY / 20);
        assertThat(shared)
                .allSatisfy(who -> assertThat(
                                who.stream().map(MadeUpPatron::address).distinct())
                        .hasSize(1));
        assertThat(shared.stream().mapToInt(List::size).max().orElseThrow()).isLessThanOrEqualTo(6);
        // Most people with a shared number share a surname, and some do not.
        long oneSurname = shared.stream()
                .filter(who -> who.stream()
                                .map(patron -> patron.name().family())
                                .distinct()
                                .count()
                        == 1)
                .count();
        assertThat((double) oneSurname / shared.size()).isBetween(0.5, 0.95);
    }

    @Test
    void emailAddressesAreWellFormedUnderExampleDomainsAndUnique() {
        List<String> addresses =
                PATRONS.stream().flatMap(patron -> patron.email().stream()).toList();

        assertThat(addresses).allMatch(Emails::isWellFormed);
        assertThat(addresses.stream().map(Emails::canonicalTerm))
                .allMatch(address -> address.matches(".+[@.]example\\.(com|org|net)"))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".*\\p{M}.*", // diacritics
                ".*'.*",
                ".*-.*",
                ".*\\p{L} \\p{L}.*",
                "(de la|van der|von|bin|del) .*",
                "(Mc|Mac|O').*",
                "..?"
            })
    void surnamesOfEveryKindOccurAndAreNotTheRule(String kind) {
        double share = share(patron -> Normalizer.normalize(patron.name().family(), Normalizer.Form.NFD)
                .matches("(?s)" + kind));

        assertThat(share).isBetween(0.0005, 0.35);
    }

    @ParameterizedTest
    @CsvSource({
        "no e-mail,     0.15, 0.45",
        "no telephone,  0.05, 0.30",
        "no line 2,     0.60, 0.85",
        "no address,    0.005, 0.03",
        "no given name, 0.0005, 0.01",
        "middle,        0.35, 0.55",
        "suffix,        0.005, 0.03",
        "preferred,     0.05, 0.20",
        "juvenile,      0.10, 0.35",
        "staff,         0.005, 0.03",
        "blocked,       0.01, 0.06",
        "expired,       0.05, 0.20",
        "never expires, 0.01, 0.04"
    })
    void whatSomeHaveAndOthersLackIsAsCommonAsInLife(String what, double least, double most) {
        Predicate<MadeUpPatron> property = switch (what) {
            case "no e-mail" -> patron -> patron.email().isEmpty();
            case "no telephone" -> patron -> patron.phones().isEmpty();
            case "no line 2" -> patron -> patron.address().line2().isEmpty();
            case "no address" -> patron -> patron.address().isEmpty();
            case "no given name" -> patron -> patron.name().given().isEmpty();
            case "middle" -> patron -> !patron.name().middle().isEmpty();
            case "suffix" -> patron -> !patron.name().suffix().isEmpty();
            case "preferred" -> patron -> !patron.name().preferred().isEmpty();
            case "juvenile" -> patron -> patron.category() == Category.JUVENILE;
            case "staff" -> patron -> patron.category() == Category.STAFF;
            case "blocked" -> patron -> patron.status() == Status.BLOCKED;
            case "expired" ->
                patron -> patron.expires().filter(day -> day.isBefore(TODAY)).isPresent();
            case "never expires" -> patron -> patron.expires().isEmpty();
            default -> throw new IllegalArgumentException(what);
        };

        assertThat(share(property)).isBetween(least, most);
    }

    @Test
    void thereAreSeveralLibrariesOfDifferentSizes() {
        Map<String, Long> libraries =
                PATRONS.stream().collect(Collectors.groupingBy(MadeUpPatron::library, Collectors.counting()));

        assertThat(libraries).hasSizeGreaterThan(5);
        assertThat(libraries.values().stream().mapToLong(n -> n).max().orElseThrow())
                .isGreaterThan(
                        8 * libraries.values().stream().mapToLong(n -> n).min().orElseThrow());
    }

    @Test
    void textsAreInTheFormInWhichTheVaultKeepsThem() {
        Stream<String> texts = PATRONS.stream()
                .flatMap(patron -> Stream.of(
                        patron.name().family(),
                        patron.name().given(),
                        patron.name().middle(),
                        patron.name().preferred(),
                        patron.address().line1()));

        assertThat(texts)
                .allMatch(text -> Normalizer.isNormalized(text, Normalizer.Form.NFC) && text.equals(text.strip()));
    }
}

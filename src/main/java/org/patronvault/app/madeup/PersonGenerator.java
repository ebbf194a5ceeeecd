package org.patronvault.app.madeup;

import java.text.Normalizer;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Status;

/** The generator of one person in a household. */
final class PersonGenerator {
    private static final NameFrequencies GIVEN =
            new NameFrequencies("given-names.csv", "given-names-beyond.txt", SyllableNames.ofGivenNames());
    private static final Map<String, String> NICKNAMES = Map.ofEntries(
            Map.entry("Michael", "Mike"),
            Map.entry("James", "Jim"),
            Map.entry("John", "Jack"),
            Map.entry("Robert", "Bob"),
            Map.entry("David", "Dave"),
            Map.entry("William", "Bill"),
            Map.entry("Mary", "Molly"),
            Map.entry("Christopher", "Chris"),
            Map.entry("Joseph", "Joe"),
            Map.entry("Richard", "Rick"),
            Map.entry("Daniel", "Dan"),
            Map.entry("Matthew", "Matt"),
            Map.entry("Jennifer", "Jen"),
            Map.entry("Elizabeth", "Liz"),
            Map.entry("Katherine", "Kat"),
            Map.entry("Margaret", "Peggy"),
            Map.entry("José", "Pepe"));
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final Pattern NOT_PLAIN = Pattern.compile("[^a-z]+");
    private static final List<String> DOMAINS =
            List.of("example.com", "example.com", "example.org", "example.net", "mail.example.com", "Example.Org");
    private static final int CARDS = 100_000_000;
    private static final int FORMER_YEARS = 15;

    private final Household household;
    private final int member;
    private final int first;
    private final int number;
    private final LocalDate today;
    private final SeededRandom draw;

    /**
     * Draws the person with this number.
     *
     * @param member the person's place in the household, from 0
     * @param first the number of the household's first member
     */
    PersonGenerator(Household household, int member, int first, int number, LocalDate today, SeededRandom draw) {
        this.household = household;
        this.member = member;
        this.first = first;
        this.number = number;
        this.today = today;
        this.draw = draw;
    }

    MadeUpPatron patron() {
        Category category = category();
        Name name = name(category);
        return new MadeUpPatron(
                card(),
                name,
                household.address(),
                phones(category),
                emails(name, category),
                household.library(),
                category,
                expires(),
                draw.chance(0.03) ? Status.BLOCKED : Status.ACTIVE,
                registered());
    }

    private Category category() {
        if (member >= 2 && draw.chance(0.85)) {
            return Category.JUVENILE;
        }
        return switch (draw.weighted(940, 15, 45)) {
            case 1 -> Category.STAFF;
            case 2 -> Category.OTHER;
            default -> Category.ADULT;
        };
    }

    private Name name(Category category) {
        String family = member > 0 && draw.chance(0.15) ? Household.surname(draw) : household.family();
        String given = given();
        String middle = switch (draw.weighted(55, 25, 12, 8)) {
            case 1 -> (char) ('A' + draw.below(26)) + "";
            case 2 -> (char) ('A' + draw.below(26)) + ".";
            case 3 -> given();
            default -> "";
        };
        String suffix = draw.chance(0.015) ? draw.pick(List.of("Jr.", "Jr", "Sr.", "II", "III", "IV")) : "";
        boolean single = category != Category.JUVENILE && draw.chance(0.003);
        return new Name(family, single ? "" : given, single ? "" : middle, suffix, single ? "" : preferred(given));
    }

    private String given() {
        return Accents.some(GIVEN.name(draw), draw);
    }

    private String preferred(String given) {
        boolean has = draw.chance(0.12);
        String other = given();
        if (!has) {
            return "";
        }
        return NICKNAMES.getOrDefault(
                given, given.length() > 5 && !given.contains(" ") ? given.substring(0, 4) : other);
    }

    /** 14 digits: 2 for a patron, four for the library, eight unique to the patron, the check digit. */
    private String card() {
        long eight = (number * 48_271L + 11_235_813L) % CARDS;
        String body = "2" + Household.institution(household.library())
                + Long.toString(CARDS + eight).substring(1);
        int sum = 0;
        for (int i = 0; i < body.length(); i++) {
            int digit = body.charAt(body.length() - 1 - i) - '0';
            int weighted = i % 2 == 0 ? digit * 2 : digit;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }
        return body + (10 - sum % 10) % 10;
    }

    private List<MadeUpPhone> phones(Category category) {
        List<MadeUpPhone> phones = new ArrayList<>();
        int style = draw.below(MadeUpPhone.STYLES);
        if (household.hasLandline()) {
            // All members of a household give one number, each in a personal style.
            phones.add(MadeUpPhone.number(2 * first + 1, "", draw.below(MadeUpPhone.STYLES)));
        }
        boolean mobile = draw.chance(category == Category.JUVENILE ? 0.3 : 0.85);
        String extension = draw.chance(0.01) ? Integer.toString(10 + draw.below(9_000)) : "";
        if (mobile) {
            phones.add(MadeUpPhone.number(2 * number, extension, style));
        }
        return phones;
    }

    private List<String> emails(Name name, Category category) {
        boolean has = draw.chance(category == Category.JUVENILE ? 0.35 : 0.82);
        boolean second = draw.chance(0.04);
        String unique = Integer.toString(number, Character.MAX_RADIX);
        String family = plain(name.family());
        String given = plain(name.given().isEmpty() ? "m" : name.given());
        String local = switch (draw.weighted(35, 25, 15, 15, 10)) {
            case 0 -> given + "." + family + unique;
            case 1 -> given.charAt(0) + family + unique;
            case 2 -> family + "_" + given + unique;
            case 3 -> given + unique;
            default -> capital(given) + "." + capital(family) + "+library" + unique;
        };
        String domain = draw.pick(DOMAINS);
        if (!has) {
            return List.of();
        }
        String address = local + "@" + domain;
        return second ? List.of(address, "work" + unique + "@office.example.net") : List.of(address);
    }

    private static String plain(String name) {
        String lower = MARKS.matcher(Normalizer.normalize(name, Normalizer.Form.NFKD))
                .replaceAll("")
                .toLowerCase(Locale.ROOT);
        String letters = NOT_PLAIN.matcher(lower).replaceAll("");
        return letters.isEmpty() ? "x" : letters;
    }

    private static String capital(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    /** Cards last three years. About one in ten was not renewed, and a few have no end. */
    private Optional<LocalDate> expires() {
        boolean endless = draw.chance(0.02);
        boolean past = draw.chance(0.12);
        LocalDate day = past ? today.minusDays(1 + draw.below(700)) : today.plusDays(draw.below(3 * 365));
        return endless ? Optional.empty() : Optional.of(day);
    }

    private YearMonth registered() {
        double early = draw.share();
        return YearMonth.from(today.minusMonths((long) (early * early * 12 * FORMER_YEARS)));
    }
}

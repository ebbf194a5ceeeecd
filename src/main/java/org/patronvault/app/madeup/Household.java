package org.patronvault.app.madeup;

import java.util.List;
import org.patronvault.core.model.Address;

/**
 * A made-up household: one address, one home library, mostly one surname, often one telephone.
 *
 * @param size the number of patrons in it
 * @param hasLandline whether they share a telephone
 */
record Household(long number, int size, String family, Address address, String library, boolean hasLandline) {
    private static final NameFrequencies SURNAMES =
            new NameFrequencies("surnames.csv", "surnames-beyond.txt", SyllableNames.ofSurnames());
    private static final List<String> STREETS = WordLists.of("streets.txt");

    /** A town with a library. */
    private record Town(String library, String institution, String city, List<String> postalCodes, int weight) {}

    private static final List<Town> TOWNS = List.of(
            new Town("NC", "1234", "New Canaan", List.of("06840", "06840-4012"), 40),
            new Town("NO", "1235", "Norwalk", List.of("06850", "06851", "06854", "06855"), 20),
            new Town("ST", "1236", "Stamford", List.of("06901", "06902", "06903", "06905", "06907"), 18),
            new Town("DA", "1237", "Darien", List.of("06820"), 9),
            new Town("WI", "1238", "Wilton", List.of("06897"), 7),
            new Town("RI", "1239", "Ridgefield", List.of("06877"), 4),
            new Town("WP", "1240", "Westport", List.of("06880"), 2));
    private static final int[] WEIGHTS = TOWNS.stream().mapToInt(Town::weight).toArray();

    static Household draw(SeededRandom draw, long number, int size) {
        Town town = TOWNS.get(draw.weighted(WEIGHTS));
        Town home = draw.chance(0.1) ? TOWNS.get(draw.weighted(WEIGHTS)) : town;
        return new Household(
                number,
                size,
                surname(draw),
                draw.chance(0.015) ? Address.NONE : address(draw, home),
                town.library(),
                draw.chance(0.45));
    }

    /** The surnames of the table, most frequent first. */
    static List<String> frequentSurnames() {
        return SURNAMES.table();
    }

    /** Draws a surname by its frequency, with or without accents. */
    static String surname(SeededRandom draw) {
        return Accents.some(SURNAMES.name(draw), draw);
    }

    private static Address address(SeededRandom draw, Town town) {
        String number = 1 + draw.below(2_400) + (draw.chance(0.02) ? "A" : "");
        return new Address(
                number + " " + draw.pick(STREETS), line2(draw), town.city(), "CT", draw.pick(town.postalCodes()), "US");
    }

    private static String line2(SeededRandom draw) {
        return switch (draw.weighted(72, 14, 5, 4, 3, 2)) {
            case 1 -> "Apt " + (1 + draw.below(40)) + (char) ('A' + draw.below(6));
            case 2 -> "Unit " + (1 + draw.below(200));
            case 3 -> "#" + (1 + draw.below(60));
            case 4 -> "Fl " + (1 + draw.below(4));
            case 5 -> "PO Box " + (100 + draw.below(1_900));
            default -> "";
        };
    }

    /** The four digits that identify a library's cards. */
    static String institution(String library) {
        return TOWNS.stream()
                .filter(town -> town.library().equals(library))
                .findFirst()
                .orElseThrow()
                .institution();
    }
}

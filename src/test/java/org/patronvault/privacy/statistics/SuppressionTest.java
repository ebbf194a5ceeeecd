package org.patronvault.privacy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.store.table.StatisticsRows.Count;

/** Tests that a reader who combines, adds and subtracts all tables counts no set of patrons below the floor. */
final class SuppressionTest {
    private static final int FLOOR = 10;
    private static final List<String> LIBRARIES = List.of("NC", "WI");
    private static final List<String> CATEGORIES = List.of("adult", "juvenile", "staff");
    private static final List<String> MONTHS = List.of("2026-01", "2026-02");

    private static final List<List<StatisticsDimension>> TABLES = Suppression.tables();

    private static Count kind(String library, String category, String month, long count) {
        return new Count(library, category, "active", month, count);
    }

    /** Every kind in these tests, without blocked patrons: twelve, so that every set of them can be tried. */
    private static List<Count> kinds() {
        return LIBRARIES.stream()
                .flatMap(library -> CATEGORIES.stream().map(category -> List.of(library, category)))
                .flatMap(two -> MONTHS.stream().map(month -> kind(two.get(0), two.get(1), month, 0)))
                .toList();
    }

    private static OptionalLong count(Suppression suppression, List<StatisticsDimension> by, String... values) {
        return suppression.table(by).stream()
                .filter(cell -> cell.values().equals(List.of(values)))
                .findFirst()
                .orElseThrow()
                .count();
    }

    @Test
    void cellUnderTheFloorIsSuppressedAndSoIsTheOneByWhichItWouldComeOut() {
        Suppression suppression = new Suppression(
                List.of(
                        kind("NC", "adult", "2026-01", 199),
                        kind("NC", "juvenile", "2026-01", 60),
                        kind("NC", "staff", "2026-01", 4),
                        kind("WI", "adult", "2026-01", 50),
                        kind("WI", "juvenile", "2026-01", 40)),
                FLOOR);
        List<StatisticsDimension> both = List.of(StatisticsDimension.LIBRARY, StatisticsDimension.CATEGORY);
        assertThat(count(suppression, List.of())).hasValue(353);
        assertThat(count(suppression, List.of(StatisticsDimension.LIBRARY), "NC"))
                .hasValue(263);
        assertThat(count(suppression, List.of(StatisticsDimension.LIBRARY), "WI"))
                .hasValue(90);
        assertThat(count(suppression, both, "NC", "adult")).hasValue(199);
        assertThat(count(suppression, both, "NC", "staff")).isEmpty();
        assertThat(count(suppression, both, "NC", "juvenile"))
                .as("263 - 199 - 60 = 4")
                .isEmpty();
        assertThat(count(suppression, both, "WI", "staff"))
                .as("nobody looks like few")
                .isEmpty();
        assertThat(count(
                        suppression, List.of(StatisticsDimension.CATEGORY, StatisticsDimension.LIBRARY), "adult", "NC"))
                .as("in any order")
                .hasValue(199);
        assertThat(suppression.size(both)).isEqualTo(8);
        assertThat(suppression.table(both)).hasSize(8);
    }

    @Test
    void vaultOfFewTellsNothingNotEvenHowManyThereAre() {
        Suppression suppression = new Suppression(List.of(kind("NC", "adult", "2026-01", 9)), FLOOR);
        for (List<StatisticsDimension> table : TABLES) {
            assertThat(suppression.table(table)).allMatch(cell -> cell.count().isEmpty());
        }
        assertThat(new Suppression(List.of(), FLOOR).table(List.of()))
                .containsExactly(new StatisticsTable.Cell(List.of(), OptionalLong.empty()));
    }

    @Test
    void librariesOfOneEachAreNotNamedAndThoseOfWhomNobodyCouldCountAre() {
        List<Count> kinds = new ArrayList<>(List.of(kind("NC", "adult", "2026-01", 100)));
        IntStream.range(0, 12).forEach(n -> kinds.add(kind("X" + n, "adult", "2026-01", 1)));
        assertThat(new Suppression(kinds, FLOOR).table(List.of(StatisticsDimension.LIBRARY)))
                .extracting(StatisticsTable.Cell::values)
                .containsExactly(List.of("NC"));
        kinds.add(kind("Y", "adult", "2026-01", 9));
        assertThat(new Suppression(kinds, FLOOR).table(List.of(StatisticsDimension.LIBRARY)))
                .hasSize(1);
        kinds.add(kind("Z", "adult", "2026-01", 9));
        assertThat(new Suppression(kinds, FLOOR).table(List.of(StatisticsDimension.LIBRARY)))
                .extracting(StatisticsTable.Cell::values)
                .contains(List.of("X0"), List.of("Z"))
                .hasSize(15);
    }

    @Test
    void monthsAreToldWithoutGapsSoThatAnEmptyOneLooksLikeOneOfFew() {
        Suppression suppression = new Suppression(
                List.of(
                        kind("NC", "adult", "2025-11", 30),
                        kind("NC", "adult", "2025-12", 3),
                        kind("NC", "adult", "2026-02", 30),
                        kind("NC", "adult", "2026-03", 30),
                        kind("NC", "adult", "2026-04", 2)),
                FLOOR);
        assertThat(suppression.table(List.of(StatisticsDimension.MONTH)))
                .extracting(cell -> cell.values().get(0))
                .isSubsetOf("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")
                .contains("2025-12", "2026-01");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 12, 25, 60})
    void noSumOrDifferenceOfToldCellsCountsASetOfPatronsUnderTheFloor(int largest) {
        Random random = new Random(largest);
        List<Count> all = kinds();
        for (int run = 0; run < 150; run++) {
            long[] counts = all.stream()
                    .mapToLong(kind -> random.nextInt(3) == 0 ? 0 : random.nextInt(largest + 1))
                    .toArray();
            List<Count> there = IntStream.range(0, counts.length)
                    .filter(i -> counts[i] > 0)
                    .mapToObj(i -> kind(
                            all.get(i).library(),
                            all.get(i).category(),
                            all.get(i).month(),
                            counts[i]))
                    .toList();
            Suppression suppression = new Suppression(there, FLOOR);
            List<double[]> told = new ArrayList<>();
            for (List<StatisticsDimension> table : TABLES) {
                for (StatisticsTable.Cell cell : suppression.table(table)) {
                    boolean[] in = members(all, table, cell.values());
                    long true_ = IntStream.range(0, in.length)
                            .filter(i -> in[i])
                            .mapToLong(i -> counts[i])
                            .sum();
                    if (cell.count().isPresent()) {
                        assertThat(cell.count()).hasValue(true_);
                        assertThat(true_).isGreaterThanOrEqualTo(FLOOR);
                        told.add(vector(in));
                    }
                }
            }
            List<double[]> free = nullSpace(told, all.size());
            for (int set = 1; set < 1 << all.size(); set++) {
                int chosen = set;
                boolean isKnown = free.stream().allMatch(direction -> Math.abs(dot(direction, chosen)) < 1e-9);
                long size = IntStream.range(0, counts.length)
                        .filter(i -> (chosen & 1 << i) != 0)
                        .mapToLong(i -> counts[i])
                        .sum();
                assertThat(!isKnown || size == 0 || size >= FLOOR)
                        .as("set %s of %s comes out as %d", Integer.toBinaryString(set), Arrays.toString(counts), size)
                        .isTrue();
            }
        }
    }

    private static boolean[] members(List<Count> all, List<StatisticsDimension> table, List<String> values) {
        boolean[] in = new boolean[all.size()];
        for (int i = 0; i < in.length; i++) {
            Count kind = all.get(i);
            in[i] = table.stream().map(one -> one.of(kind)).toList().equals(values);
        }
        return in;
    }

    private static double[] vector(boolean[] in) {
        double[] vector = new double[in.length];
        for (int i = 0; i < in.length; i++) {
            vector[i] = in[i] ? 1 : 0;
        }
        return vector;
    }

    private static double dot(double[] direction, int set) {
        double sum = 0;
        for (int i = 0; i < direction.length; i++) {
            sum += (set & 1 << i) != 0 ? direction[i] : 0;
        }
        return sum;
    }

    /**
     * The directions in which the counts can change while all published ones stay: what is fixed along all of them is
     * known.
     */
    private static List<double[]> nullSpace(List<double[]> rows, int columns) {
        List<double[]> reduced =
                new ArrayList<>(rows.stream().map(double[]::clone).toList());
        int[] pivots = new int[columns];
        Arrays.fill(pivots, -1);
        int rank = 0;
        for (int column = 0; column < columns && rank < reduced.size(); column++) {
            int best = rank;
            for (int i = rank; i < reduced.size(); i++) {
                best = Math.abs(reduced.get(i)[column]) > Math.abs(reduced.get(best)[column]) ? i : best;
            }
            if (Math.abs(reduced.get(best)[column]) < 1e-9) {
                continue;
            }
            double[] pivot = reduced.set(best, reduced.get(rank));
            reduced.set(rank, pivot);
            double by = pivot[column];
            for (int k = 0; k < columns; k++) {
                pivot[k] /= by;
            }
            for (int i = 0; i < reduced.size(); i++) {
                double times = reduced.get(i)[column];
                if (i != rank && times != 0) {
                    for (int k = 0; k < columns; k++) {
                        reduced.get(i)[k] -= times * pivot[k];
                    }
                }
            }
            pivots[column] = rank++;
        }
        List<double[]> free = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            if (pivots[column] < 0) {
                double[] direction = new double[columns];
                direction[column] = 1;
                for (int other = 0; other < columns; other++) {
                    if (pivots[other] >= 0) {
                        direction[other] = -reduced.get(pivots[other])[column];
                    }
                }
                free.add(direction);
            }
        }
        return free;
    }

    @Test
    void tablesOfAnOrdinaryLibraryAreMostlyTold() {
        List<Count> kinds = new ArrayList<>();
        Random random = new Random(1);
        for (String library : List.of("DA", "NC", "NO", "WI")) {
            for (String category : List.of("adult", "juvenile", "other", "staff")) {
                for (int year = 2018; year < 2027; year++) {
                    int most = category.equals("adult") ? 300 : category.equals("juvenile") ? 120 : 3;
                    kinds.add(kind(library, category, year + "-05", 1 + random.nextInt(most)));
                }
            }
        }
        Suppression suppression = new Suppression(kinds, FLOOR);
        for (StatisticsDimension one : List.of(StatisticsDimension.LIBRARY, StatisticsDimension.CATEGORY)) {
            assertThat(suppression.table(List.of(one)))
                    .allMatch(cell -> cell.count().isPresent());
        }
        assertThat(Stream.of("DA", "NC", "NO", "WI")
                        .filter(library -> count(
                                        suppression,
                                        List.of(StatisticsDimension.LIBRARY, StatisticsDimension.CATEGORY),
                                        library,
                                        "adult")
                                .isPresent()))
                .hasSize(4);
    }
}

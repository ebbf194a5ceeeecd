package org.patronvault.privacy.statistics;

import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Status;
import org.patronvault.core.store.table.StatisticsRows.Count;

/**
 * The choice of cells that may be published over all tables together. No sum or difference of published cells is about
 * fewer than a floor of patrons, however many tables are combined (P4).
 *
 * <p>The patrons are divided into groups of at least the floor, at first all of them in one. Tables are taken coarse
 * ones first, and in each table the largest cells first. A cell is published if the groups can be divided along its
 * border and each stays large enough. So every published cell is a union of whole groups in the end. All patrons of a
 * group are in the same published cells. So a set of patrons counted by a sum or difference of such cells is a union of
 * groups too: it is empty or at least the floor. The other cells are suppressed: those below the floor, and those from
 * which such a cell could be computed (primary and complementary suppression).
 *
 * <p>Immutable. Safe for use by many threads.
 */
final class Suppression {

    /** One cell while it is decided. */
    private record Candidate(List<String> values, int[] kinds, long count) {}

    private final List<Count> kinds;
    private final int floor;
    private final Map<List<StatisticsDimension>, Map<List<String>, Long>> told = new HashMap<>();

    /** The number of the group of each kind. */
    private final int[] groups;

    private final List<Long> sizes = new ArrayList<>();
    private final Map<StatisticsDimension, List<String>> listed = new EnumMap<>(StatisticsDimension.class);

    /** The suppression for those kinds of patrons, each once, all with at least one patron. */
    Suppression(List<Count> kinds, int floor) {
        this.kinds = List.copyOf(kinds);
        this.floor = floor;
        this.groups = new int[kinds.size()];
        sizes.add(kinds.stream().mapToLong(Count::count).sum());
        tables().forEach(this::decide);
        for (StatisticsDimension one : StatisticsDimension.values()) {
            listed.put(one, list(one));
        }
    }

    /** Every set of dimensions, the small ones first. */
    static List<List<StatisticsDimension>> tables() {
        List<List<StatisticsDimension>> tables = new ArrayList<>(List.of(List.of()));
        for (StatisticsDimension one : StatisticsDimension.values()) {
            for (List<StatisticsDimension> some : List.copyOf(tables)) {
                List<StatisticsDimension> longer = new ArrayList<>(some);
                longer.add(one);
                tables.add(List.copyOf(longer));
            }
        }
        tables.sort(Comparator.comparingInt(List::size));
        return tables;
    }

    private void decide(List<StatisticsDimension> table) {
        Map<List<String>, Long> cells = new HashMap<>();
        for (Candidate cell : candidates(table)) {
            Map<Integer, Long> parts = parts(cell);
            if (sizes.get(0) >= floor && parts.entrySet().stream().allMatch(part -> isLargeEnough(part))) {
                divide(cell, parts);
                cells.put(cell.values(), cell.count());
            }
        }
        told.put(table, cells);
    }

    private List<Candidate> candidates(List<StatisticsDimension> table) {
        Map<List<String>, List<Integer>> cells = new LinkedHashMap<>();
        for (int i = 0; i < kinds.size(); i++) {
            Count kind = kinds.get(i);
            cells.computeIfAbsent(table.stream().map(by -> by.of(kind)).toList(), any -> new ArrayList<>())
                    .add(i);
        }
        return cells.entrySet().stream()
                .map(cell -> new Candidate(
                        cell.getKey(),
                        cell.getValue().stream().mapToInt(Integer::intValue).toArray(),
                        cell.getValue().stream()
                                .mapToLong(i -> kinds.get(i).count())
                                .sum()))
                .sorted(Comparator.comparingLong(Candidate::count)
                        .reversed()
                        .thenComparing(cell -> String.join("\n", cell.values())))
                .toList();
    }

    /** How many patrons of each group are in a cell. */
    private Map<Integer, Long> parts(Candidate cell) {
        Map<Integer, Long> parts = new HashMap<>();
        for (int kind : cell.kinds()) {
            parts.merge(groups[kind], kinds.get(kind).count(), Long::sum);
        }
        return parts;
    }

    private boolean isLargeEnough(Map.Entry<Integer, Long> part) {
        long rest = sizes.get(part.getKey()) - part.getValue();
        return rest == 0 || (part.getValue() >= floor && rest >= floor);
    }

    /** Splits each group at the cell: the patrons inside it become a group of their own. */
    private void divide(Candidate cell, Map<Integer, Long> parts) {
        Map<Integer, Integer> own = new HashMap<>();
        parts.forEach((group, inside) -> {
            long rest = sizes.get(group) - inside;
            if (rest > 0) {
                own.put(group, sizes.size());
                sizes.set(group, rest);
                sizes.add(inside);
            }
        });
        for (int kind : cell.kinds()) {
            groups[kind] = own.getOrDefault(groups[kind], groups[kind]);
        }
    }

    /** How many cells a table has. */
    long size(List<StatisticsDimension> by) {
        return by.stream().mapToLong(one -> listed.get(one).size()).reduce(1, Math::multiplyExact);
    }

    /**
     * A table with a cell for each combination of values, in their order. An empty cell looks like one with few
     * patrons, so it does not reveal whether there is one.
     */
    List<StatisticsTable.Cell> table(List<StatisticsDimension> by) {
        List<List<String>> combinations = new ArrayList<>(List.of(List.of()));
        for (StatisticsDimension one : by) {
            List<List<String>> longer = new ArrayList<>();
            for (List<String> before : combinations) {
                for (String value : listed.get(one)) {
                    List<String> values = new ArrayList<>(before);
                    values.add(value);
                    longer.add(values);
                }
            }
            combinations = longer;
        }
        List<StatisticsDimension> table = by.stream().sorted().toList();
        Map<List<String>, Long> cells = told.get(table);
        List<StatisticsTable.Cell> all = new ArrayList<>();
        for (List<String> values : combinations) {
            List<String> sorted =
                    table.stream().map(one -> values.get(by.indexOf(one))).toList();
            Long count = cells.get(sorted);
            all.add(new StatisticsTable.Cell(
                    List.copyOf(values), count == null ? OptionalLong.empty() : OptionalLong.of(count)));
        }
        return all;
    }

    /**
     * The values of a dimension that have cells in tables. It is all values if their presence reveals nothing, or looks
     * like absence. For libraries it is the published ones, and also the others if each may have more than one patron.
     * If ten libraries had ten patrons together, a reader could count them.
     */
    private List<String> list(StatisticsDimension dimension) {
        return switch (dimension) {
            case CATEGORY ->
                Arrays.stream(Category.values()).map(Category::wireName).toList();
            case STATUS -> Arrays.stream(Status.values()).map(Status::wireName).toList();
            case MONTH -> months();
            case LIBRARY -> libraries();
        };
    }

    private NavigableSet<String> toldValues(StatisticsDimension dimension) {
        NavigableSet<String> values = new TreeSet<>();
        told.get(List.of(dimension)).keySet().forEach(cell -> values.add(cell.get(0)));
        return values;
    }

    private List<String> months() {
        NavigableSet<String> some = toldValues(StatisticsDimension.MONTH);
        if (some.isEmpty()) {
            return List.of();
        }
        YearMonth last = YearMonth.parse(some.last());
        return Stream.iterate(
                        YearMonth.parse(some.first()), month -> !month.isAfter(last), month -> month.plusMonths(1))
                .map(YearMonth::toString)
                .toList();
    }

    private List<String> libraries() {
        NavigableSet<String> values = toldValues(StatisticsDimension.LIBRARY);
        Set<String> others = new TreeSet<>();
        Set<Integer> theirs = new HashSet<>();
        for (int i = 0; i < kinds.size(); i++) {
            String library = kinds.get(i).library();
            if (!values.contains(library)) {
                others.add(library);
                theirs.add(groups[i]);
            }
        }
        if (theirs.stream().mapToLong(sizes::get).sum() >= 2L * others.size()) {
            values.addAll(others);
        }
        return List.copyOf(values);
    }
}

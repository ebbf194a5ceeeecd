package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.upkeep.leakage.KnownColumns.Kind;
import org.patronvault.upkeep.leakage.Report.Verdict;

/**
 * The search for repeats in values that should look random: encrypted values, labels and MACs. It finds eight equal
 * bytes twice, four equal bytes in one place of a column's values more often than chance, and a too frequent byte. It
 * also finds eight bytes that two columns share.
 */
public final class Repeats implements Look {
    private static final Set<String> COPIES =
            Set.of("search_index_staged.labels", "search_index_staged.vals", "log_head.frontier");

    /** The name prefix of tables with SQLite's statistics about other tables. */
    private static final String STATISTICS = "sqlite_stat";

    private final Map<String, StringSample> now = new LinkedHashMap<>();
    private final Map<String, ShortStrings> nowShort = new LinkedHashMap<>();
    private SingleBytes nowSingle = new SingleBytes();
    private final Map<String, StringSample> before = new LinkedHashMap<>();
    private final Map<String, Object> recurrences = new LinkedHashMap<>();
    private final Map<String, Object> ofFourBytes = new LinkedHashMap<>();
    private final Set<String> recurring = new TreeSet<>();
    private final Set<String> again = new TreeSet<>();
    private final Set<String> unknown = new TreeSet<>();
    private final Set<String> uneven = new TreeSet<>();
    private long places;
    private double furthest;
    private final UnaccountedCells cells = new UnaccountedCells();
    private long strings;
    private long oneIn = 1;

    Repeats() {}

    @Override
    public void row(Row row) {
        unknown.addAll(cells.unaccounted(row));
        for (int i = 0; i < row.values().length; i++) {
            KnownColumns.Known known = row.layout().known(i);
            if (row.values()[i] != null && known.isRandom()) {
                String column = row.layout().column(i);
                byte[] random = known.random().apply(row.values()[i]);
                now.computeIfAbsent(column, any -> new StringSample()).add(random);
                if (known.kind() == Kind.RANDOM && !isCopy(column) && !isStretch(column)) {
                    nowShort.computeIfAbsent(column, any -> new ShortStrings()).add(random);
                    nowSingle.add(row.layout().cell(i, row.values()), random);
                }
            }
        }
    }

    @Override
    public void endOf(Layout table) {
        unknown.addAll(cells.unaccounted(table));
        for (int i = 0; i < table.columns(); i++) {
            Kind kind = table.known(i).kind();
            if (kind == Kind.UNKNOWN) {
                unknown.add(table.column(i));
            } else if (now.containsKey(table.column(i))) {
                judge(table.column(i), kind, now.get(table.column(i)));
            }
        }
        nowShort.forEach(this::judge);
        judge(nowSingle.outcome());
        now.clear();
        nowShort.clear();
        nowSingle = new SingleBytes();
    }

    private void judge(String column, Kind kind, StringSample sample) {
        strings += sample.seen();
        oneIn = Math.max(oneIn, sample.oneIn());
        recurrences.put(column, sample.recurrences());
        if (sample.recurrences() > 0) {
            (kind == Kind.RANDOM ? recurring : again).add(column);
        }
        if (!isCopy(column)) {
            sample.thin();
            before.forEach((other, others) -> {
                if (others.common(sample) > 0) {
                    recurring.addAll(Set.of(column, other));
                }
            });
            before.put(column, sample);
        }
    }

    private void judge(String column, ShortStrings sample) {
        ofFourBytes.put(
                column, Map.of("recurrences", sample.recurrences(), "byChance", Figures.rounded(sample.byChance())));
        if (sample.isMore()) {
            recurring.add(column);
        }
    }

    private void judge(SingleBytes.Outcome outcome) {
        places += outcome.places();
        furthest = Math.max(furthest, outcome.furthest());
        uneven.addAll(outcome.cells());
    }

    /** Whether the column holds data in byte order for another table, or a part of one. */
    private static boolean isCopy(String column) {
        return COPIES.contains(column);
    }

    /**
     * Whether the column may hold a range in byte order: the next index fills, and the old one empties, from the first
     * label on. Only eight bytes are searched for. Once complete, it is the other table.
     */
    private static boolean isStretch(String column) {
        return column.equals("search_index_next.label");
    }

    /** The columns with forbidden repeats. */
    public Set<String> recurring() {
        return recurring;
    }

    /** Returns the result of the game. */
    Report.Game game() {
        Figures figures = new Figures()
                .with("strings", strings)
                .with("oneIn", oneIn)
                .with("recurrences", recurrences)
                .with("ofFourBytes", ofFourBytes)
                .with("singleBytes", Map.of("places", places, "furthest", Figures.rounded(furthest)))
                .with("recurring", recurring)
                .with("uneven", uneven)
                .with("sentAgain", again)
                .with("unaccounted", unknown);
        List<String> wrong = wrong();
        return wrong.isEmpty()
                ? figures.game(
                        "repeats",
                        Verdict.HOLDS,
                        "Nothing sealed is there twice: of %,d strings of eight bytes in %d columns, %s; and of four bytes"
                                + " no more are equal than by chance, nor of single ones.",
                        strings,
                        recurrences.size(),
                        oneIn == 1 ? "all looked at" : "one in " + oneIn + " of the larger ones looked at")
                : figures.game("repeats", Verdict.BROKEN, "%s", String.join(" ", wrong));
    }

    private List<String> wrong() {
        List<String> wrong = new ArrayList<>();
        if (!recurring.isEmpty()) {
            wrong.add(Figures.said(
                    "What ought to look random is there more often than chance has it, in %s: he can tell what is equal.",
                    String.join(", ", recurring)));
        }
        if (!uneven.isEmpty()) {
            wrong.add(Figures.said(
                    "A byte of what ought to look random is not, in %s: some are there much more often than others, in one"
                            + " place of the values.",
                    String.join(", ", uneven)));
        }
        if (!unknown.isEmpty()) {
            wrong.add(Figures.said(
                    "Nobody has accounted for what stands in %s: find out who made that, and what it says of patrons.",
                    String.join(", ", unknown)));
        }
        if (unknown.stream().anyMatch(column -> column.startsWith(STATISTICS))) {
            wrong.add("ANALYZE made the tables " + STATISTICS + "…, which hold values of others: drop them.");
        }
        return wrong;
    }
}

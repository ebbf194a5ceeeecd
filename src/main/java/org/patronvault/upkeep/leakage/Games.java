package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.ObjIntConsumer;
import org.patronvault.model.PatronId;
import org.patronvault.store.CatalogueRows;
import org.patronvault.store.Tx;
import org.patronvault.upkeep.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/**
 * The games of thieves, played on one snapshot of a database. Needs no key: whom a sample is about is known already.
 * Every table is read once from its first row to its last, and kept are counts, and samples where counts will not do. For
 * one thread.
 */
public final class Games {
    /** How many times better than the best constant guess he may be. */
    private static final double PROMISED_FACTOR = 1.2;

    private static final double CHANCE = 0.5;

    /** Where the order of rows is on the list, it may not tell more than that. */
    private static final double PROMISED_AREA = 0.55;

    /** How far chance may lead off, in standard deviations: beyond, once in more than a million runs. */
    private static final int DEVIATIONS = 5;

    private static final int DEALS = 200;
    private static final int TOLD_EVERY = 20_000;

    /** What is stored of one patron, about. */
    private static final long BYTES_EACH = 3_000;

    private final Tx tx;
    private final Sample sample;
    private final int table;
    private final List<Layout> layouts;
    private final CoOccurrence together;
    private final RankMatching ranks;
    private final Repeats repeats = new Repeats();
    private final Tally tally = new Tally();
    private final Shown shown = new Shown();

    /**
     * Games that have not been played yet.
     *
     * @param table how many surnames the thief has a table of, by how frequent they are
     */
    public Games(Tx tx, Sample sample, int table) {
        this.tx = tx;
        this.sample = sample;
        this.table = table;
        this.layouts = tx.catalogue().tables().stream().map(Layout::new).toList();
        this.together = new CoOccurrence(sample.patrons(), sample.size() * BYTES_EACH);
        this.ranks = new RankMatching(sample.size());
    }

    /** Takes in what a thief can tell the patrons of the sample apart by: enough for the game of ranks alone. */
    Games compare() {
        if (sample.size() > 0) {
            forEachOfTheSample(this::note);
            forEachOfTheSample(this::noteShared);
        }
        return this;
    }

    /** Plays them; once. */
    public Games play(Progress progress) {
        compare();
        List<Look> looks = new ArrayList<>(List.of(repeats, tally, shown));
        if (sample.size() > 0) {
            looks.add(together);
        }
        CatalogueRows catalogue = tx.catalogue();
        for (Layout layout : layouts) {
            long[] done = new long[1];
            catalogue.forEach(layout.table(), values -> {
                Row row = new Row(layout, values);
                looks.forEach(look -> look.row(row));
                if (++done[0] % TOLD_EVERY == 0) {
                    progress.at("Reading " + layout.name(), done[0], 0);
                }
            });
            looks.forEach(look -> look.endOf(layout));
        }
        return this;
    }

    /** The rows that name somebody of the sample by number. */
    private void forEachOfTheSample(ObjIntConsumer<Row> action) {
        Map<Long, Integer> places = new HashMap<>();
        for (PatronId patron : sample.patrons()) {
            places.put(patron.number(), places.size());
        }
        for (Layout layout : layouts) {
            for (int i = 0; i < layout.columns(); i++) {
                CatalogueRows.Column column = layout.table().columns().get(i);
                if (column.isNumber() && layout.known(i).mayName()) {
                    tx.catalogue().forEach(layout.table(), column, places.keySet(), values -> {
                        Row row = new Row(layout, values);
                        action.accept(row, places.get(row.number(column.name())));
                    });
                }
            }
        }
    }

    /** What a thief can tell patrons apart by. */
    private void note(Row row, int patron) {
        together.belongs(row, patron);
        ranks.note("rows of " + row.layout().name(), patron, 1);
        for (int i = 0; i < row.values().length; i++) {
            if (row.values()[i] != null) {
                String cell = row.layout().cell(i, row.values());
                ranks.note(cell, patron, Arrays.hashCode(row.values()[i]));
                if (row.layout().known(i).isRandom()) {
                    ranks.note("length of " + cell, patron, row.values()[i].length);
                }
            }
        }
    }

    private void noteShared(Row row, int patron) {
        for (int i = 0; i < row.values().length; i++) {
            if (row.values()[i] != null) {
                long shared = together.shared(row.layout().known(i), row.values()[i]);
                if (shared != 0) {
                    ranks.note("bytes shared in " + row.layout().cell(i, row.values()), patron, shared);
                }
            }
        }
    }

    /** Who stands with whom. */
    public CoOccurrence together() {
        return together;
    }

    /** What is there twice. */
    public Repeats repeats() {
        return repeats;
    }

    /**
     * How they came out, but for that of two snapshots.
     *
     * @param entries how many the vault itself says it added to the index; empty where nobody knows
     */
    public List<Report.Game> outcomes(OptionalLong entries) {
        return List.of(repeats.game(), tally.counts(entries), tally.lengths(), named(), ranked(), paired());
    }

    /** What he learns. */
    public List<Report.Learned> learns() {
        return shown.list(tally.rare());
    }

    /** Every column, and what stands in it. */
    public Map<String, Report.Column> columns() {
        Map<String, Report.Column> columns = new LinkedHashMap<>();
        for (Layout layout : layouts) {
            for (int i = 0; i < layout.columns(); i++) {
                KnownColumns.Known known = layout.known(i);
                columns.put(
                        layout.column(i),
                        new Report.Column(
                                known.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'), known.why()));
            }
        }
        return columns;
    }

    /** How the game of ranks came out. */
    Report.Game ranked() {
        if (sample.size() == 0) {
            return unscored("ranks");
        }
        RankMatching.Outcome best = ranks.best(sample, table);
        long constant = sample.constantGuess();
        double factor = (double) best.recovered() / constant;
        boolean won = factor > PROMISED_FACTOR && Chance.isExceeded(best.byChance(), best.recovered());
        return new Figures()
                .with("patrons", sample.size())
                .with("ways", ranks.features())
                .with("best", best.by())
                .with("recovered", best.recovered())
                .with("constantGuess", constant)
                .rounded("factor", factor)
                .rounded("byChance", best.byChance())
                .game(
                        "ranks",
                        won ? Verdict.BROKEN : Verdict.HOLDS,
                        won
                                ? "With a table of surnames he finds that of %,d in %,d patrons by %s; always saying the"
                                        + " most frequent one finds %,d."
                                : "With a table of surnames he finds that of %,d in %,d patrons at best (by %s), which"
                                        + " is chance; always saying the most frequent one finds %,d.",
                        best.recovered(),
                        sample.size(),
                        best.by(),
                        constant);
    }

    private Report.Game named() {
        return sample.size() == 0 ? unscored("named") : together.named();
    }

    private Report.Game paired() {
        Sample scored = sample.first(CoOccurrence.PAIRED);
        boolean comparable = scored.bearers().values().stream().anyMatch(n -> n > 1)
                && scored.bearers().size() > 1;
        if (!comparable) {
            return unscored("pairs");
        }
        Told rows = told(together.byRows(), scored);
        Told places = told(together.byPlaces(), scored);
        Told shownToo = told(together.byWhatIsShown(), scored);
        boolean inOrder = !tx.catalogue().liesByKey();
        boolean won = rows.isMore() || (places.isMore() && (!inOrder || places.area() > PROMISED_AREA));
        String order = places.isMore()
                ? " Rows lie in the order in which they were written, and households were written together: of two"
                        + " pairs, one of them of one surname, he tells which by that in %.0f of 100 cases, where chance"
                        + " is 50. CLUSTER the tables patron and patron_value by their keys."
                : "";
        return new Figures()
                .with("patrons", scored.size())
                .with("oneIn", together.oneIn())
                .with("rows", rows.figures())
                .with("places", places.figures())
                .with("shown", shownToo.figures())
                .with("inOrderOfWriting", inOrder)
                .game(
                        "pairs",
                        won ? Verdict.BROKEN : Verdict.HOLDS,
                        won
                                ? "Which two of %,d patrons share a surname can be told by what stands together: in one"
                                        + " row %.3f, in rows that lie near each other %.3f, where chance is 0.5."
                                : "Which two of %1$,d patrons share a surname cannot be told by what stands in one row of"
                                        + " any table"
                                        + (places.isMore()
                                                ? "." + order.formatted(100 * places.area())
                                                : ", or near it."),
                        scored.size(),
                        rows.area(),
                        places.area());
    }

    /**
     * How well scores tell who shares a surname.
     *
     * @param area of two pairs, one of them of one surname, how often that one has the higher score
     * @param spread how far chance leads off, the standard deviation
     */
    private record Told(double area, double spread) {
        private boolean isMore() {
            return area - CHANCE > DEVIATIONS * spread;
        }

        private Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("area", Figures.rounded(area));
            figures.put("spread", Figures.rounded(spread));
            return figures;
        }
    }

    private static Told told(PairScores scores, Sample sample) {
        PairScores.Ranking ranking = scores.ranked();
        return new Told(
                ranking.area(sample.surnames()), ranking.spread(sample.surnames(), DEALS, new Random(sample.size())));
    }

    private Report.Game unscored(String name) {
        return new Figures()
                .with("patrons", sample.size())
                .game(
                        name,
                        Verdict.NOT_PLAYED,
                        sample.size() == 0
                                ? "Nobody's surname was opened, so this game could not be scored."
                                : "No two of %,d patrons share a surname while others do not, so this game could not be"
                                        + " scored.",
                        sample.size());
    }
}

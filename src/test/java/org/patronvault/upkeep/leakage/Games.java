package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ObjIntConsumer;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.CatalogRows;
import org.patronvault.core.store.table.Tx;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/**
 * The thief's games, played on one snapshot of a database. They need no key, because the sample's surnames are known
 * already. They read every table once from first to last row, and keep counts, or samples if counts do not suffice. For
 * one thread.
 */
public final class Games {
    /** The promised bound: how many times better than the best constant guess a thief may be. */
    private static final double PROMISED_FACTOR = 1.2;

    private static final int TOLD_EVERY = 20_000;

    /** Roughly the bytes stored for one patron. */
    private static final long BYTES_EACH = 3_000;

    private final Tx tx;
    private final Sample sample;
    private final int table;
    private final List<Layout> layouts;
    private final CoOccurrence together;
    private final RankMatching ranks;
    private final Repeats repeats = new Repeats();
    private final Tally tally = new Tally();
    private final NamedInClear inClear;

    /**
     * Creates games without playing them.
     *
     * @param table how many surnames are in the thief's frequency table
     */
    public Games(Tx tx, Sample sample, int table) {
        this.tx = tx;
        this.sample = sample;
        this.table = table;
        this.layouts = tx.catalogue().tables().stream().map(Layout::new).toList();
        this.together = new CoOccurrence(sample.patrons(), sample.size() * BYTES_EACH);
        this.inClear = new NamedInClear(new EveryNumber(tx.sweep().everyNumber()));
        this.ranks = new RankMatching(sample.size());
    }

    /** Reads all features that tell the sample's patrons apart, which suffices for the game of ranks. */
    Games compare() {
        if (sample.size() > 0) {
            forEachOfTheSample(this::note);
            forEachOfTheSample(this::noteShared);
        }
        return this;
    }

    /** Plays the games. Call once. */
    public Games play(Progress progress) {
        compare();
        List<Look> looks = new ArrayList<>(List.of(repeats, tally, inClear));
        if (sample.size() > 0) {
            looks.add(together);
        }
        CatalogRows catalogue = tx.catalogue();
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

    /** Visits the rows that name a patron of the sample by number. */
    private void forEachOfTheSample(ObjIntConsumer<Row> action) {
        Map<Long, Integer> places = new HashMap<>();
        for (PatronId patron : sample.patrons()) {
            places.put(patron.number(), places.size());
        }
        for (Layout layout : layouts) {
            for (int i = 0; i < layout.columns(); i++) {
                CatalogRows.Column column = layout.table().columns().get(i);
                if (column.isNumber() && layout.known(i).mayName()) {
                    tx.catalogue().forEach(layout.table(), column, places.keySet(), values -> {
                        Row row = new Row(layout, values);
                        action.accept(row, places.get(row.number(column.name())));
                    });
                }
            }
        }
    }

    /** Notes the features that tell patrons apart. */
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

    /** The co-occurrence attack. */
    public CoOccurrence together() {
        return together;
    }

    /** The search for repeats. */
    public Repeats repeats() {
        return repeats;
    }

    /**
     * Returns the results, except for the game of two snapshots.
     *
     * @param entries how many index entries the vault says it added, or empty if unknown
     */
    public List<Report.Game> outcomes(OptionalLong entries) {
        return List.of(repeats.game(), tally.counts(entries), tally.lengths(), named(), ranked(), paired());
    }

    /** Returns the result of the game of ranks. */
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
                .with("unreadable", sample.unreadable())
                .with("ways", ranks.features())
                .with("best", best.by())
                .with("recovered", best.recovered())
                .with("constantGuess", constant)
                .rounded("factor", factor)
                .rounded("byChance", best.byChance())
                .game(
                        "ranks",
                        won ? Verdict.BROKEN : Verdict.HOLDS,
                        (won
                                        ? "With a table of surnames he finds that of %,d in %,d patrons by %s; always"
                                                + " saying the most frequent one finds %,d."
                                        : "With a table of surnames he finds that of %,d in %,d patrons at best (by %s);"
                                                + " always saying the most frequent one finds %,d. More than 1.2 times as"
                                                + " many, and more than chance explains, would be a leak.")
                                + sample.remark(),
                        best.recovered(),
                        sample.size(),
                        best.by(),
                        constant);
    }

    private Report.Game named() {
        return Named.game(together.looked(), together.named(), inClear);
    }

    private Report.Game paired() {
        PairGame game = new PairGame(sample, together, !tx.catalogue().liesByKey());
        return sample.size() > 0 && game.canBeWon() ? game.game() : unscored("pairs");
    }

    private Report.Game unscored(String name) {
        boolean noneOpens = sample.size() == 0 && sample.unreadable() > 0;
        return new Figures()
                .with("patrons", sample.size())
                .with("unreadable", sample.unreadable())
                .game(
                        name,
                        noneOpens ? Verdict.BROKEN : Verdict.NOT_PLAYED,
                        sample.size() == 0
                                ? "Nobody's surname was opened, so this game could not be scored." + sample.remark()
                                : "Too few of %,d patrons share a surname while others do not, so this game could not be"
                                        + " won, nor lost." + sample.remark(),
                        sample.size());
    }
}

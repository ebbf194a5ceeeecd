package org.patronvault.upkeep.leakage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** The game of pairs: whether co-occurrence reveals a shared surname. */
final class PairGame {
    private static final double CHANCE = 0.5;

    /** If row order is on the list of leaks, it may reveal no more than this. */
    private static final double PROMISED_AREA = 0.55;

    /** How far chance may deviate, in standard deviations: more than this occurs less than once in a million runs. */
    private static final int DEVIATIONS = 5;

    private static final int DEALS = 200;

    private final Sample sample;
    private final CoOccurrence together;
    private final boolean inOrder;

    /**
     * Creates the game for a sample.
     *
     * @param inOrder whether rows are in the order of their writing
     */
    PairGame(Sample sample, CoOccurrence together, boolean inOrder) {
        this.sample = sample.first(CoOccurrence.PAIRED);
        this.together = together;
        this.inOrder = inOrder;
    }

    /**
     * How well scores reveal a shared surname.
     *
     * @param area how often a pair of one surname scores higher than another pair
     * @param spread the standard deviation by chance
     * @param high how many pairs of one surname score higher than most pairs
     * @param byChance how many would by chance
     */
    private record Told(double area, double spread, long high, double byChance) {
        /** If few pairs score at all, one may deviate far, so the number of high pairs must be too great as well. */
        private boolean isMore() {
            return area - CHANCE > DEVIATIONS * spread && Chance.isExceeded(byChance, high);
        }

        private Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("area", Figures.rounded(area));
            figures.put("spread", Figures.rounded(spread));
            return figures;
        }
    }

    private Told told(PairScores scores) {
        PairScores.Ranking ranking = scores.ranked();
        int[] surnames = sample.surnames();
        return new Told(
                ranking.area(surnames),
                ranking.spread(surnames, DEALS, new Random(sample.size())),
                ranking.high(surnames),
                sample.equalPairs() * ranking.shareOfHigh());
    }

    /** Whether enough patrons share a surname that perfect scores would win. */
    boolean canBeWon() {
        double share = (double) sample.equalPairs() / sample.pairs();
        return share < 1 && Chance.isExceeded(sample.equalPairs() * share, sample.equalPairs());
    }

    /** Returns the result. */
    Report.Game game() {
        Told rows = told(together.byRows());
        Told places = told(together.byPlaces());
        Told shownToo = told(together.byWhatIsShown());
        boolean won = rows.isMore() || (places.isMore() && (!inOrder || places.area() > PROMISED_AREA));
        String order = places.isMore()
                ? " Rows lie in the order in which they were written, and households were written together: of two"
                        + " pairs, one of them of one surname, he tells which by that in %.0f of 100 cases, where chance"
                        + " is 50. CLUSTER the table patron by its key."
                : "";
        return new Figures()
                .with("patrons", sample.size())
                .with("unreadable", sample.unreadable())
                .with("oneIn", together.oneIn())
                .with("rows", rows.figures())
                .with("places", places.figures())
                .with("shown", shownToo.figures())
                .with("inOrderOfWriting", inOrder)
                .game(
                        "pairs",
                        won ? Verdict.BROKEN : Verdict.HOLDS,
                        (won
                                        ? "Which two of %,d patrons share a surname can be told by what stands together: in one"
                                                + " row %.3f, in rows that lie near each other %.3f, where chance is 0.5."
                                        : "Which two of %1$,d patrons share a surname cannot be told by what stands in one row of"
                                                + " any table"
                                                + (places.isMore()
                                                        ? "." + order.formatted(100 * places.area())
                                                        : ", or near it."))
                                + sample.remark(),
                        sample.size(),
                        rows.area(),
                        places.area());
    }
}

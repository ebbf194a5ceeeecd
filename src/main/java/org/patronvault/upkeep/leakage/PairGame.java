package org.patronvault.upkeep.leakage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** Whether who stands with whom tells who shares a surname. */
final class PairGame {
    private static final double CHANCE = 0.5;

    /** Where the order of rows is on the list, it may not tell more than that. */
    private static final double PROMISED_AREA = 0.55;

    /** How far chance may lead off, in standard deviations: beyond, once in more than a million runs. */
    private static final int DEVIATIONS = 5;

    private static final int DEALS = 200;

    private final Sample sample;
    private final CoOccurrence together;
    private final boolean inOrder;

    /**
     * Of that sample.
     *
     * @param inOrder whether rows lie in the order in which they were written
     */
    PairGame(Sample sample, CoOccurrence together, boolean inOrder) {
        this.sample = sample.first(CoOccurrence.PAIRED);
        this.together = together;
        this.inOrder = inOrder;
    }

    /**
     * How well scores tell who shares a surname.
     *
     * @param area of two pairs, one of them of one surname, how often that one has the higher score
     * @param spread how far chance leads off, the standard deviation
     * @param high how many pairs of one surname score higher than most pairs
     * @param byChance how many would
     */
    private record Told(double area, double spread, long high, double byChance) {
        /** Where few pairs score at all, one of them may lead far off; so that is asked too how many do. */
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

    /** Whether there are enough who share a surname that scores would win which tell each pair of them from all others. */
    boolean canBeWon() {
        double share = (double) sample.equalPairs() / sample.pairs();
        return share < 1 && Chance.isExceeded(sample.equalPairs() * share, sample.equalPairs());
    }

    /** How it came out. */
    Report.Game game() {
        Told rows = told(together.byRows());
        Told places = told(together.byPlaces());
        Told shownToo = told(together.byWhatIsShown());
        boolean won = rows.isMore() || (places.isMore() && (!inOrder || places.area() > PROMISED_AREA));
        String order = places.isMore()
                ? " Rows lie in the order in which they were written, and households were written together: of two"
                        + " pairs, one of them of one surname, he tells which by that in %.0f of 100 cases, where chance"
                        + " is 50. CLUSTER the tables patron and patron_value by their keys."
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

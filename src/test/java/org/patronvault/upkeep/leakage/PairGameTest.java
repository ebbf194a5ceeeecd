package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.CatalogRows;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** Tests of the game of pairs with little data: one chance in a hundred does not win it, and it is not always lost. */
final class PairGameTest {
    private static final int PATRONS = 600;
    private static final Layout TABLE =
            new Layout(new CatalogRows.Table("", "seen", List.of(new CatalogRows.Column("whom", false, false))));

    /** The first of them share surnames by twos. */
    private static Sample sample(int equalPairs) {
        return new Sample(
                LongStream.range(0, PATRONS)
                        .mapToObj(n -> new PatronId(new Random(n).nextLong()))
                        .toList(),
                IntStream.range(0, PATRONS)
                        .map(n -> n < 2 * equalPairs ? n / 2 : n)
                        .toArray());
    }

    /** Two at a time are seen in one row. */
    private static PairGame seen(Sample sample, int pairs) {
        CoOccurrence together = new CoOccurrence(sample.patrons(), 0);
        for (int n = 0; n < 2 * pairs; n += 2) {
            byte[] both = ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(sample.patrons().get(n).number())
                    .putLong(sample.patrons().get(n + 1).number())
                    .array();
            together.row(new Row(TABLE, new byte[][] {both}));
        }
        return new PairGame(sample, together, false);
    }

    @Test
    void onePairOfASurnameCannotBeToldFromChance() {
        assertThat(seen(sample(1), 1).canBeWon()).isFalse();
        assertThat(seen(sample(0), 1).canBeWon()).isFalse();
    }

    @Test
    void onePairThatIsSeenByChanceDoesNotWinAmongAFew() {
        PairGame game = seen(sample(5), 300);
        assertThat(game.canBeWon()).isTrue();
        assertThat(game.game().verdict()).isEqualTo(Verdict.BROKEN);
        PairGame one = seen(sample(5), 1);
        assertThat(one.game().verdict()).isEqualTo(Verdict.HOLDS);
    }
}

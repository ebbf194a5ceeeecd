package org.patronvault.upkeep.leakage;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.patronvault.upkeep.leakage.KnownColumns.Kind;
import org.patronvault.upkeep.leakage.Report.Verdict;

/**
 * The search for patron numbers in columns that should have none. Such a number says that the patron was looked up or
 * written.
 */
final class Named {
    private final PatronNumbers numbers;
    private final Map<String, Long> rows = new TreeMap<>();

    Named(PatronNumbers numbers) {
        this.numbers = numbers;
    }

    /** Checks a column in which parts of some patrons' numbers occur. */
    void maybe(Row row, int i, BitSet patrons) {
        KnownColumns.Known known = row.layout().known(i);
        if (known.kind() == Kind.PATRON) {
            return;
        }
        String cell = row.layout().cell(i, row.values());
        if (numbers.countWhole(row.values()[i], patrons) > patronsIn(cell)) {
            rows.merge(row.layout().column(i), 1L, Long::sum);
        }
    }

    /** How many patrons a column names although naming is not its purpose: an operation names the last patron done. */
    static int patronsIn(String cell) {
        return cell.equals("authority.body[operation]") ? 1 : 0;
    }

    /** The number of rows, by column, that name a patron. */
    Map<String, Long> rows() {
        return rows;
    }

    /**
     * Returns the result of the game.
     *
     * @param patrons how many patrons were searched for everywhere, in each form
     * @param anywhere rows, by column, that name one of them
     */
    static Report.Game game(int patrons, Map<String, Long> anywhere, NamedInClear inClear) {
        Map<String, Long> rows = new TreeMap<>(anywhere);
        inClear.rows().forEach((column, count) -> rows.merge(column, count, Math::max));
        Figures figures = new Figures()
                .with("patrons", patrons)
                .with("everybody", inClear.looked())
                .with("rows", rows);
        return rows.isEmpty()
                ? figures.game(
                        "named",
                        Verdict.HOLDS,
                        "None of %,d patrons, here or erased, is named by number in what stands in clear, and none of %,d"
                                + " of them anywhere, but in rows that hold the patron's own values.",
                        inClear.looked(),
                        patrons)
                : figures.game(
                        "named",
                        Verdict.BROKEN,
                        "Patrons are named by number where nobody should be, in %s: he sees whom somebody looked at, or"
                                + " wrote.",
                        String.join(", ", rows.keySet()));
    }
}

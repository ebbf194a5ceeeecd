package org.patronvault.upkeep.leakage;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.patronvault.upkeep.leakage.KnownColumns.Kind;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** Whether patrons are named by number where nobody should be: whoever stands there was looked at, or written. */
final class Named {
    private final PatronNumbers numbers;
    private final Map<String, Object> rows = new TreeMap<>();

    Named(PatronNumbers numbers) {
        this.numbers = numbers;
    }

    /** Of some patrons, parts of the numbers stand in that column of a row. */
    void maybe(Row row, int i, BitSet patrons) {
        KnownColumns.Known known = row.layout().known(i);
        if (known.kind() == Kind.PATRON) {
            return;
        }
        String cell = row.layout().cell(i, row.values());
        if (numbers.countWhole(row.values()[i], patrons) > KnownColumns.patronsIn(cell)) {
            rows.merge(row.layout().column(i), 1L, (some, one) -> (long) some + (long) one);
        }
    }

    /** How it came out, for so many patrons. */
    Report.Game game(int patrons) {
        Figures figures = new Figures().with("patrons", patrons).with("rows", rows);
        return rows.isEmpty()
                ? figures.game(
                        "named",
                        Verdict.HOLDS,
                        "None of %,d patrons is named by number in any row but those that hold the patron's own values.",
                        patrons)
                : figures.game(
                        "named",
                        Verdict.BROKEN,
                        "Patrons are named by number where nobody should be, in %s: he sees whom somebody looked at, or"
                                + " wrote.",
                        String.join(", ", rows.keySet()));
    }
}

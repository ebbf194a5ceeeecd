package org.patronvault.testing;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.transfer.format.PatronReader;

/** A file of patrons with the cards {@code N1} to {@code Nn}, all different, which may break off before its end. */
public final class NumberedPatrons implements PatronReader {
    private final int rows;
    private final int breaksAfter;
    private int read;

    /** As many rows as that. */
    public NumberedPatrons(int rows) {
        this(rows, Integer.MAX_VALUE);
    }

    /** As many rows as that, of which only the first {@code breaksAfter} can be read. */
    public NumberedPatrons(int rows, int breaksAfter) {
        this.rows = rows;
        this.breaksAfter = breaksAfter;
    }

    @Override
    public Optional<ImportRow> next() {
        if (read >= breaksAfter) {
            throw new Refused(Problem.INVALID, "The file could not be read any further.");
        }
        if (read == rows) {
            return Optional.empty();
        }
        read++;
        return Optional.of(new ImportRow.Accepted(read, draft(read), Set.of()));
    }

    /** The patron of row {@code n}. */
    public static PatronDraft draft(int n) {
        return new PatronDraft(
                "N" + n,
                new Name("Family " + n, "Given", "", "", ""),
                new Address(n + " Elm St", "", "New Canaan", "CT", "06840", "US"),
                List.of(String.format("+1860555%04d", n)),
                List.of("n" + n + "@example.org"),
                "NC",
                Category.ADULT,
                Optional.empty(),
                Status.ACTIVE,
                Optional.of(new Consent(
                        Consent.SERVICE,
                        "2018-05",
                        TestClock.MORNING.atOffset(java.time.ZoneOffset.UTC).toLocalDate(),
                        "import",
                        true)),
                Optional.empty());
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}

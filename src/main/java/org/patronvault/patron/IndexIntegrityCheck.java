package org.patronvault.patron;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.patron.PatronIntegrityCheck.Finding;
import org.patronvault.search.IndexPart;
import org.patronvault.search.Posting;
import org.patronvault.store.PatronRow;
import org.patronvault.store.ReadableRows;
import org.patronvault.store.Tx;

/** Holds the search index as a whole against the patrons, and against what was ever added to it. Safe for use by many threads. */
public final class IndexIntegrityCheck {
    private final PatronContext parts;

    IndexIntegrityCheck(PatronContext parts) {
        this.parts = parts;
    }

    /** Whether all entries are in the index: while an import has the vault to itself, some wait beside it. */
    public boolean isWhole() {
        return !parts.index().isStaging();
    }

    /**
     * Makes sure that all were in it in that snapshot: else what is missing would say nothing.
     *
     * @throws Refused with {@code busy}
     */
    void requireWhole(Tx tx) {
        if (parts.index().hasStaged() && tx.isIndexStaged()) {
            throw new Refused(
                    Problem.BUSY, "An import has the vault to itself; the sweep goes on when that has ended.", 60);
        }
    }

    /**
     * Entries that wait to be merged into the index though nobody imports, or are in the next one though none is made:
     * somebody put them there, or the table lies where another does.
     */
    public List<Finding> staged(Tx tx) {
        boolean next = parts.indexRow().at(tx).other() == 0 && tx.otherIndex().count() > 0;
        return next || (!parts.index().hasStaged() && tx.isIndexStaged())
                ? List.of(new Finding(Optional.empty(), PatronIntegrityCheck.INDEX, "foreign"))
                : List.of();
    }

    /**
     * How many entries the index must have.
     *
     * @param version the one that is searched
     */
    public record Size(int version, long entries) {}

    /** What that snapshot says of that, to be asked first in it. */
    public Size size(Tx tx) {
        int version = parts.indexRow().at(tx).live();
        return new Size(version, parts.indexRow().size(tx, version));
    }

    /**
     * What is wrong with a stretch of the index: entries that its keys did not make, and live ones that are not of their
     * patron's row as it is, which somebody has put back.
     *
     * @param met patrons whose rows are taken for what they were then
     */
    public Range stretch(Tx tx, Optional<byte[]> after, int limit, SeenGenerations met) {
        IndexPart part = parts.index().in(tx).part(after, limit);
        requireWhole(tx);
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < part.unreadable(); i++) {
            findings.add(new Finding(Optional.empty(), PatronIntegrityCheck.INDEX, "foreign"));
        }
        List<Posting> others = part.live().stream()
                .filter(posting -> !met.isOne(posting.patron(), posting.indexGeneration()))
                .toList();
        // One that cannot be read is a finding of its own already, and its entries with it.
        Map<PatronId, PatronRow> rows =
                ReadableRows.of(others.stream().map(Posting::patron).distinct().toList(), tx.patrons()::inClear);
        for (Posting posting : others) {
            Optional<PatronRow> row = Optional.ofNullable(rows.get(posting.patron()));
            if (row.filter(one -> PatronIntegrityCheck.isOf(posting, one)).isEmpty()) {
                findings.add(new Finding(row.map(PatronRow::id), PatronIntegrityCheck.INDEX, "foreign"));
            }
        }
        return new Range(part.size(), part.last(), findings);
    }

    /** A stretch of the index: how many entries, and the last label; none without entries. */
    public record Range(int entries, Optional<byte[]> last, List<Finding> findings) {}
}

package org.patronvault.patron.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.index.IndexPart;
import org.patronvault.core.index.Posting;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.ReadableRows;
import org.patronvault.core.store.table.Tx;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.patron.record.PatronContext;

/**
 * A check of the whole search index against the patrons and against all entries ever added. Safe for use by many
 * threads.
 */
public final class IndexIntegrityCheck {
    private final PatronContext parts;

    IndexIntegrityCheck(PatronContext parts) {
        this.parts = parts;
    }

    /** Whether all entries are in the index: while an import has the vault to itself, some are staged beside it. */
    public boolean isWhole() {
        return !parts.index().isStaging();
    }

    /**
     * Checks that all entries were in the index in that snapshot, since otherwise a missing entry would prove nothing.
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
     * Findings for entries staged without an import, or in the next index while none is built. They were added from
     * outside, or a table is in the place of another.
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
     * @param version the version that is searched
     */
    public record Size(int version, long entries) {}

    /** The size in that snapshot; must be the first query in it. */
    public Size size(Tx tx) {
        int version = parts.indexRow().at(tx).live();
        return new Size(version, parts.indexRow().size(tx, version));
    }

    /**
     * Findings in one range of the index. They are entries that its keys did not make, and restored live entries that
     * do not belong to their patron's current row.
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
        // An unreadable row is already a finding of its own, and so are its entries.
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

    /** A range of the index: its number of entries, and the last label; none without entries. */
    public record Range(int entries, Optional<byte[]> last, List<Finding> findings) {}
}

package org.patronvault.patron.record;

import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.index.Posting;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.search.MatchRank;

/**
 * A row that was found, and the fields it was found by.
 *
 * @param former whether it was found by a former card
 */
public record Match(PatronVault.VerifiedPatron known, boolean former, MatchRank rank, Set<PatronField> by) {

    /** Returns the row of a live index entry. Throws if the entry is stale or its row is gone. */
    public static StoredPatron row(Tx tx, Posting posting) {
        return requireLive(posting, tx.patrons().find(posting.patron()).orElse(null));
    }

    /** Checks that a row is the one that the entry was written for; {@code stored} is null if there is no row. */
    public static StoredPatron requireLive(Posting posting, StoredPatron stored) {
        if (stored == null || stored.row().indexGeneration() != posting.indexGeneration()) {
            throw new IntegrityException("search index: generation");
        }
        return stored;
    }

    /**
     * Returns the match with the patron's current row. Empty if the row is gone ({@code now} is null) or has lost a
     * field it was found by.
     */
    public Stream<Match> as(PatronContext parts, StoredPatron now) {
        return Stream.ofNullable(now)
                .map(parts.vault()::known)
                .filter(row -> row.facts().set().containsAll(by))
                .map(row -> new Match(row, former, rank, by));
    }

    /** How it matches, as an answer names it. */
    public String match() {
        return former ? "inactive-card" : rank.wireName();
    }
}

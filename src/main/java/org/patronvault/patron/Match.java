package org.patronvault.patron;

import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.access.AccessRequest;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.search.MatchRank;
import org.patronvault.search.Posting;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Tx;

/**
 * A row that was found, and by which fields.
 *
 * @param former whether by a card that is no longer in use
 */
record Match(PatronVault.VerifiedPatron known, boolean former, MatchRank rank, Set<PatronField> by) {

    /** The row a live entry speaks of. An entry that was put back, or whose row is gone, is no answer. */
    static StoredPatron row(Tx tx, Posting posting) {
        return requireLive(posting, tx.patrons().find(posting.patron()).orElse(null));
    }

    /** The same of a row that was read; {@code stored} is null if there is none. */
    static StoredPatron requireLive(Posting posting, StoredPatron stored) {
        if (stored == null || stored.row().indexGeneration() != posting.indexGeneration()) {
            throw new IntegrityException("search index: generation");
        }
        return stored;
    }

    /** The same as its row is now; none if it is gone ({@code now} is null), or a field that it was found by is. */
    Stream<Match> as(PatronContext parts, StoredPatron now) {
        return Stream.ofNullable(now)
                .map(parts.vault()::known)
                .filter(row -> row.facts().set().containsAll(by))
                .map(row -> new Match(row, former, rank, by));
    }

    /** How it matches, as an answer names it. */
    String match() {
        return former ? "inactive-card" : rank.wireName();
    }

    AccessRequest of(AccessRequest question) {
        return question.searchingBy(by).of(known.library(), known.facts().standing());
    }

    /** As if nobody were protected. */
    AccessRequest unprotected(AccessRequest question) {
        return question.searchingBy(by).of(known.library());
    }
}

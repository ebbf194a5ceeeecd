package org.patronvault.patron;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.access.Question;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.search.Posting;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Tx;

/** A row that was found, and by which fields. */
record Candidate(PatronVault.Known known, boolean former, Set<PatronField> by) {

    /** Index and rows in one snapshot, so that an entry of a change in between is never taken for an old one. */
    static List<Candidate> find(Parts parts, QueryTerms terms, Set<PatronField> searched) {
        return parts.store().read(tx -> {
            QueryTerms.Found found = terms.search(searched, parts.index().in(tx)::find);
            Map<PatronId, StoredPatron> rows = tx.patrons()
                    .findAll(found.postings().stream().map(Posting::patron).toList());
            return found.postings().stream()
                    .map(p -> new Candidate(
                            parts.vault().known(requireLive(p, rows.get(p.patron()))), p.former(), found.by()))
                    .toList();
        });
    }

    /** The row a live entry speaks of. An entry that was put back, or whose row is gone, is no answer. */
    static StoredPatron row(Tx tx, Posting posting) {
        return requireLive(posting, tx.patrons().find(posting.patron()).orElse(null));
    }

    private static StoredPatron requireLive(Posting posting, StoredPatron stored) {
        if (stored == null || stored.row().indexGeneration() != posting.indexGeneration()) {
            throw new IntegrityException("search index: generation");
        }
        return stored;
    }

    Question of(Question question) {
        return question.searchingBy(by).of(known.library(), known.facts().isProtected());
    }

    /** As if nobody were protected. */
    Question unprotected(Question question) {
        return question.searchingBy(by).of(known.library());
    }
}

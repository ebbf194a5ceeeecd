package org.patronvault.patron.lookup;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.AccessRequest;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.patron.record.Match;
import org.patronvault.patron.record.PatronContext;

/**
 * A row that a search shows.
 *
 * @param asked the request that was allowed for it
 * @param fields the fields to open
 */
record ResultRow(Match candidate, AccessRequest asked, Set<PatronField> fields) {

    /** The row as that caller's search shows it. */
    static ResultRow of(Policy policy, Caller caller, AccessRequest question, Match candidate) {
        AccessRequest asked = candidate.of(question);
        Set<PatronField> fields = new HashSet<>(question.opens());
        fields.addAll(policy.results(caller, asked));
        return new ResultRow(candidate, asked, fields);
    }

    PatronId id() {
        return candidate.known().id();
    }

    /**
     * Checks the page again while the log is held. Leaves out patrons erased, protected or withdrawn since they were
     * read, and patrons that lost the field they were found by.
     */
    static List<ResultRow> still(
            Tx tx, PatronContext parts, Caller caller, AccessRequest question, List<ResultRow> page) {
        Map<PatronId, StoredPatron> now =
                tx.patrons().findAll(page.stream().map(ResultRow::id).toList());
        Policy policy = parts.access().policy();
        return page.stream()
                .flatMap(shown -> shown.candidate.as(parts, now.get(shown.id())))
                .filter(candidate -> policy.ask(caller, candidate.of(question)).allowed())
                .map(candidate -> of(policy, caller, question, candidate))
                .toList();
    }
}

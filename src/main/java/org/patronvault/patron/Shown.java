package org.patronvault.patron;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.access.Caller;
import org.patronvault.access.Policy;
import org.patronvault.access.Question;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Tx;

/**
 * A row that a search shows.
 *
 * @param asked what was allowed of it
 * @param fields that are opened
 */
record Shown(Candidate candidate, Question asked, Set<PatronField> fields) {

    /** What that caller's search shows of a row. */
    static Shown of(Policy policy, Caller caller, Question question, Candidate candidate) {
        Question asked = candidate.of(question);
        Set<PatronField> fields = new HashSet<>(question.opens());
        fields.addAll(policy.results(caller, asked));
        return new Shown(candidate, asked, fields);
    }

    PatronId id() {
        return candidate.known().id();
    }

    /**
     * Those that may be shown so still, now that the log is held: the others were erased, protected or withdrawn since
     * they were read.
     */
    static List<Shown> still(Tx tx, Parts parts, Caller caller, List<Shown> page) {
        Map<PatronId, StoredPatron> now =
                tx.patrons().findAll(page.stream().map(Shown::id).toList());
        return page.stream()
                .filter(shown -> now.containsKey(shown.id()) && shown.mayBeShown(parts, caller, now.get(shown.id())))
                .toList();
    }

    private boolean mayBeShown(Parts parts, Caller caller, StoredPatron now) {
        Policy policy = parts.access().policy();
        Question again = asked.of(
                now.row().attributes().library(), parts.vault().facts(now).standing());
        Set<PatronField> opened = new HashSet<>(again.opens());
        opened.addAll(policy.results(caller, again));
        return policy.ask(caller, again).allowed() && opened.containsAll(fields);
    }
}

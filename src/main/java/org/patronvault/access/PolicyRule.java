package org.patronvault.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;

/**
 * What the policy says of one role or scope.
 *
 * @param searches fields it may search by, whatever the library; empty for those it may open there
 * @param own of patrons of the person's own library
 * @param elsewhere of all others; a person or client without a library has only these
 */
record PolicyRule(
        Set<Permission> may,
        Set<Purpose> purposes,
        Optional<Set<PatronField>> searches,
        boolean ownLibraryOnly,
        FieldGrants own,
        FieldGrants elsewhere) {

    static final PolicyRule NOTHING =
            new PolicyRule(Set.of(), Set.of(), Optional.empty(), true, FieldGrants.NOTHING, FieldGrants.NOTHING);

    /** What may hold for this question: of a patron not yet known, either. */
    List<FieldGrants> sights(Caller caller, AccessRequest question) {
        if (question.library().isPresent()) {
            return List.of(isForeign(caller, question) ? elsewhere : own);
        }
        return caller.actor().library().isEmpty() ? List.of(elsewhere) : List.of(own, elsewhere);
    }

    static boolean isForeign(Caller caller, AccessRequest question) {
        return question.library().isPresent()
                && !question.library().get().equals(caller.actor().library());
    }

    /** Whether it opens any field, or shows one in results, of anybody for anything. */
    boolean opensFields() {
        return may.stream().anyMatch(act -> act.opensWholeFor().isPresent())
                || Stream.of(own, elsewhere)
                        .anyMatch(sight -> !sight.opens(Optional.empty()).isEmpty()
                                || !sight.results(Optional.empty()).isEmpty());
    }

    /** Fields that may be searched by for that purpose; without one, for any. */
    Set<PatronField> searches(FieldGrants sight, Optional<Purpose> purpose) {
        return searches.orElseGet(() -> sight.opens(purpose));
    }
}

package org.patronvault.core.policy;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;

/**
 * The rule of one role or scope in the policy.
 *
 * @param searches fields it may search by, in any library; empty for those it may open there
 * @param own grants for patrons of the person's own library
 * @param elsewhere grants for all other patrons; a person or client without a library has only these
 */
public record PolicyRule(
        Set<Permission> may,
        Set<Purpose> purposes,
        Optional<Set<PatronField>> searches,
        boolean ownLibraryOnly,
        FieldGrants own,
        FieldGrants elsewhere) {

    static final PolicyRule NOTHING =
            new PolicyRule(Set.of(), Set.of(), Optional.empty(), true, FieldGrants.NOTHING, FieldGrants.NOTHING);

    /** Returns the grants for that patron. */
    FieldGrants of(FieldPolicy.Request request, Grant.Row row) {
        return request.isForeign(row) ? elsewhere : own;
    }

    /** Whether the purpose of a request may be named; no purpose always passes. */
    boolean letsName(FieldPolicy.Request request) {
        return request.purpose().isEmpty()
                || request.act()
                        .opensWholeFor()
                        .map(request.purpose().get()::equals)
                        .orElseGet(
                                () -> request.caller().names(request.purpose().get())
                                        && purposes.contains(request.purpose().get()));
    }

    /** Whether it opens or shows any field for any purpose. */
    boolean opensFields() {
        return may.stream().anyMatch(act -> act.opensWholeFor().isPresent())
                || Stream.of(own, elsewhere)
                        .anyMatch(sight -> !sight.opens(Optional.empty()).isEmpty()
                                || !sight.results(Optional.empty()).isEmpty());
    }

    /** Returns the fields that may be searched by for that purpose; without one, for any. */
    Set<PatronField> searches(FieldGrants sight, Optional<Purpose> purpose) {
        return searches.orElseGet(() -> sight.opens(purpose));
    }
}

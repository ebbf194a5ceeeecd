package org.patronvault.access;

import java.util.Set;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;

/** What the policy says of one role or scope. */
record Rule(
        Set<Permission> may,
        Set<Purpose> purposes,
        Set<PatronField> opens,
        Set<PatronField> results,
        Set<PatronField> searches,
        boolean ownLibraryOnly) {

    static final Rule NOTHING = new Rule(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), true);
}

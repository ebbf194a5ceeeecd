package org.patronvault.access;

import java.util.Optional;
import java.util.Set;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;

/**
 * What the policy is asked.
 *
 * @param purpose what for; empty for acts that open nothing
 * @param opens personal fields to be opened
 * @param searches fields to be searched by
 * @param library home library of the patron, once a row was found
 */
public record Question(
        Permission permission,
        Optional<Purpose> purpose,
        Set<PatronField> opens,
        Set<PatronField> searches,
        Optional<String> library) {

    /** May this be done at all, opening nothing? */
    public static Question may(Permission permission) {
        return new Question(permission, Optional.empty(), Set.of(), Set.of(), Optional.empty());
    }

    /** May these fields be opened for this purpose? */
    public static Question open(Permission permission, Purpose purpose, Set<PatronField> fields) {
        return new Question(permission, Optional.of(purpose), Set.copyOf(fields), Set.of(), Optional.empty());
    }

    /** The same, searching by these fields. */
    public Question searchingBy(Set<PatronField> fields) {
        return new Question(permission, purpose, opens, Set.copyOf(fields), library);
    }

    /** The same, now that the patron's library is known. */
    public Question of(String patronsLibrary) {
        return new Question(permission, purpose, opens, searches, Optional.of(patronsLibrary));
    }
}

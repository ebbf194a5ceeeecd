package org.patronvault.access;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;
import org.patronvault.model.Role;

/**
 * What the policy is asked.
 *
 * @param purpose what for; empty for acts that open nothing
 * @param opens personal fields to be opened
 * @param searches fields to be searched by
 * @param library home library of the patron, once a row was found
 * @param ofProtected whether that patron is protected
 */
public record Question(
        Permission permission,
        Optional<Purpose> purpose,
        Set<PatronField> opens,
        Set<PatronField> searches,
        Optional<String> library,
        boolean ofProtected) {

    /** What of a protected patron is open to the director only. */
    public static final Set<PatronField> PROTECTED = Set.of(PatronField.ADDRESS, PatronField.PHONE);

    /** May this be done at all, opening nothing? */
    public static Question may(Permission permission) {
        return new Question(permission, Optional.empty(), Set.of(), Set.of(), Optional.empty(), false);
    }

    /** May these fields be opened for this purpose? */
    public static Question open(Permission permission, Purpose purpose, Set<PatronField> fields) {
        return new Question(permission, Optional.of(purpose), Set.copyOf(fields), Set.of(), Optional.empty(), false);
    }

    /** The same, searching by these fields. */
    public Question searchingBy(Set<PatronField> fields) {
        return new Question(permission, purpose, opens, Set.copyOf(fields), library, ofProtected);
    }

    /** The same, now that the patron's library is known. */
    public Question of(String patronsLibrary) {
        return of(patronsLibrary, false);
    }

    /** The same, now that the patron's library is known, and whether the patron is protected. */
    public Question of(String patronsLibrary, boolean isProtected) {
        return new Question(permission, purpose, opens, searches, Optional.of(patronsLibrary), isProtected);
    }

    /** Of what a rule lets this caller open, or search by, what the patron's protection leaves. */
    Set<PatronField> left(Caller caller, Set<PatronField> fields) {
        if (!ofProtected || caller.acts(Role.DIRECTOR)) {
            return fields;
        }
        return fields.stream().filter(field -> !PROTECTED.contains(field)).collect(Collectors.toSet());
    }
}

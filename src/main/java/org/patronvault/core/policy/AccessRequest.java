package org.patronvault.core.policy;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Role;

/**
 * A question to the policy: an act, its purpose and the fields it opens or searches.
 *
 * @param purpose the purpose of the act; empty for acts that open nothing
 * @param opens personal fields to be opened
 * @param searches fields to be searched by
 * @param library home library of the patron, once a row was found
 * @param standing restrictions of that patron
 */
public record AccessRequest(
        Permission permission,
        Optional<Purpose> purpose,
        Set<PatronField> opens,
        Set<PatronField> searches,
        Optional<String> library,
        PatronRestrictions standing) {

    /** The fields of a protected patron that only the director may open. */
    public static final Set<PatronField> PROTECTED = Set.of(PatronField.ADDRESS, PatronField.PHONE);

    /** Asks whether an act that opens nothing may be done. */
    public static AccessRequest may(Permission permission) {
        return new AccessRequest(
                permission, Optional.empty(), Set.of(), Set.of(), Optional.empty(), PatronRestrictions.PLAIN);
    }

    /** Asks whether these fields may be opened for this purpose. */
    public static AccessRequest open(Permission permission, Purpose purpose, Set<PatronField> fields) {
        return new AccessRequest(
                permission,
                Optional.of(purpose),
                Set.copyOf(fields),
                Set.of(),
                Optional.empty(),
                PatronRestrictions.PLAIN);
    }

    /** Returns this request as a search by these fields. */
    public AccessRequest searchingBy(Set<PatronField> fields) {
        return new AccessRequest(permission, purpose, opens, Set.copyOf(fields), library, standing);
    }

    /** Returns this request for a patron whose home library is now known. */
    public AccessRequest of(String patronsLibrary) {
        return of(patronsLibrary, PatronRestrictions.PLAIN);
    }

    /** Returns this request for a patron whose home library and restrictions are now known. */
    public AccessRequest of(String patronsLibrary, PatronRestrictions patronsStanding) {
        return new AccessRequest(permission, purpose, opens, searches, Optional.of(patronsLibrary), patronsStanding);
    }

    /** Whether the act opens every field of a patron by its nature, and is asked for its own purpose. */
    boolean isWhole() {
        return purpose.isPresent() && purpose.equals(permission.opensWholeFor());
    }

    /** Whether a rule with these purposes lets the purpose be named; no purpose always passes. */
    boolean namesOneOf(Set<Purpose> purposes) {
        return purpose.isEmpty()
                || permission
                        .opensWholeFor()
                        .map(purpose.get()::equals)
                        .orElseGet(() -> purposes.contains(purpose.get()));
    }

    /** Returns the fields that such a rule lets this request open. */
    Set<PatronField> openUnder(FieldGrants sight) {
        return isWhole() ? PatronField.personal() : sight.opens(purpose);
    }

    /** Returns the fields of a rule that remain after the act and the patron's protection. */
    Set<PatronField> left(Caller caller, Set<PatronField> fields) {
        if (permission == Permission.MAIL) {
            boolean isMailed =
                    purpose.map(Purpose::name).filter(Consent.MAILED::contains).isPresent();
            return isMailed && fields.contains(PatronField.EMAIL) ? Set.of(PatronField.EMAIL) : Set.of();
        }
        if (!standing.isProtected() || caller.acts(Role.DIRECTOR)) {
            return fields;
        }
        return fields.stream().filter(field -> !PROTECTED.contains(field)).collect(Collectors.toSet());
    }

    /** Returns the fields of a rule that may be opened after the patron's protection and consent. */
    Set<PatronField> leftToOpen(Caller caller, Set<PatronField> fields) {
        return isRefused() ? Set.of() : left(caller, fields);
    }

    /** Whether the patron withdrew consent, so that only purposes for the patron may open anything. */
    boolean isRefused() {
        return standing.isWithdrawn() && !purpose.equals(Optional.of(Purpose.PATRON_REQUEST));
    }
}

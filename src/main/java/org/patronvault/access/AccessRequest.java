package org.patronvault.access;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.model.Consent;
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
 * @param standing of that patron
 */
public record AccessRequest(
        Permission permission,
        Optional<Purpose> purpose,
        Set<PatronField> opens,
        Set<PatronField> searches,
        Optional<String> library,
        PatronRestrictions standing) {

    /** What of a protected patron is open to the director only. */
    public static final Set<PatronField> PROTECTED = Set.of(PatronField.ADDRESS, PatronField.PHONE);

    /** May this be done at all, opening nothing? */
    public static AccessRequest may(Permission permission) {
        return new AccessRequest(
                permission, Optional.empty(), Set.of(), Set.of(), Optional.empty(), PatronRestrictions.PLAIN);
    }

    /** May these fields be opened for this purpose? */
    public static AccessRequest open(Permission permission, Purpose purpose, Set<PatronField> fields) {
        return new AccessRequest(
                permission,
                Optional.of(purpose),
                Set.copyOf(fields),
                Set.of(),
                Optional.empty(),
                PatronRestrictions.PLAIN);
    }

    /** The same, searching by these fields. */
    public AccessRequest searchingBy(Set<PatronField> fields) {
        return new AccessRequest(permission, purpose, opens, Set.copyOf(fields), library, standing);
    }

    /** The same, now that the patron's library is known. */
    public AccessRequest of(String patronsLibrary) {
        return of(patronsLibrary, PatronRestrictions.PLAIN);
    }

    /** The same, now that the patron's library and standing are known. */
    public AccessRequest of(String patronsLibrary, PatronRestrictions patronsStanding) {
        return new AccessRequest(permission, purpose, opens, searches, Optional.of(patronsLibrary), patronsStanding);
    }

    /** Whether it is asked for an act that opens all of a patron by its nature, for the purpose it does that for. */
    boolean isWhole() {
        return purpose.isPresent() && purpose.equals(permission.opensWholeFor());
    }

    /** Whether such a rule lets that purpose be named; none is always well. */
    boolean namesOneOf(Set<Purpose> purposes) {
        return purpose.isEmpty()
                || permission
                        .opensWholeFor()
                        .map(purpose.get()::equals)
                        .orElseGet(() -> purposes.contains(purpose.get()));
    }

    /** What may be opened under such a rule. */
    Set<PatronField> openUnder(FieldGrants sight) {
        return isWhole() ? PatronField.personal() : sight.opens(purpose);
    }

    /** Of what a rule lets this caller open, or search by, what the act and the patron's protection leave. */
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

    /** Of what a rule lets this caller open, what the patron's protection and consent leave. */
    Set<PatronField> leftToOpen(Caller caller, Set<PatronField> fields) {
        return isRefused() ? Set.of() : left(caller, fields);
    }

    /** Whether nothing may be opened since the patron took the consent back: only what is asked for the patron is. */
    boolean isRefused() {
        return standing.isWithdrawn() && !purpose.equals(Optional.of(Purpose.PATRON_REQUEST));
    }
}

package org.patronvault.core.policy;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Role;

/**
 * A caller who proved who they are: a person acting in one role, or a client with its scopes.
 *
 * @param actor as the log names them
 * @param scopes the scopes of a client; empty for a person
 * @param fields the fields a client is narrowed to; empty for everything its scopes open
 * @param purposes the purposes a client is narrowed to; empty for everything its scopes name
 * @param daily distinct patrons a client may open a day; empty for a person, or for a client without a limit
 * @param limited false for a client whose limits were lifted
 * @param maker the administrator who made this person's account after commissioning and less than 24 hours ago;
 *     otherwise empty. All such accounts of one maker share their limits
 * @param checks entitlement checks a minute; empty for a person, or for a client that has the policy's number
 */
public record Caller(
        Actor actor,
        Set<String> scopes,
        Optional<Set<PatronField>> fields,
        Optional<Set<Purpose>> purposes,
        OptionalInt daily,
        boolean limited,
        Optional<String> maker,
        OptionalInt checks) {

    /** Makes a client with the policy's number of entitlement checks, or a person whose account is not new. */
    public Caller(
            Actor actor,
            Set<String> scopes,
            Optional<Set<PatronField>> fields,
            Optional<Set<Purpose>> purposes,
            OptionalInt daily,
            boolean limited) {
        this(actor, scopes, fields, purposes, daily, limited, Optional.empty(), OptionalInt.empty());
    }

    public static Caller person(Actor actor) {
        return person(actor, Optional.empty());
    }

    public static Caller person(Actor actor, Optional<String> maker) {
        OptionalInt none = OptionalInt.empty();
        return new Caller(actor, Set.of(), Optional.empty(), Optional.empty(), none, true, maker, none);
    }

    /** Whether the caller is a person acting in that role. */
    public boolean acts(Role role) {
        return isPerson() && actor.role().equals(role.name());
    }

    /** Whether the caller is a person. */
    public boolean isPerson() {
        return actor.kind() == Actor.Kind.STAFF;
    }

    /** Returns those of the fields of a rule that this caller is not narrowed away from. */
    Set<PatronField> narrowed(Set<PatronField> all) {
        return fields.map(left -> all.stream().filter(left::contains).collect(Collectors.toSet()))
                .orElse(all);
    }

    /** Whether this caller is not narrowed away from a purpose. */
    boolean names(Purpose purpose) {
        return purposes.map(left -> left.contains(purpose)).orElse(true);
    }
}

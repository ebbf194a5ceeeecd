package org.patronvault.access;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;
import org.patronvault.model.Role;

/**
 * Someone who proved who they are: a person acting in one role, or another system with its scopes.
 *
 * @param actor as the log names them
 * @param scopes the scopes of a client; empty for a person
 * @param fields what a client is narrowed to; empty means everything its scopes open
 * @param purposes what a client is narrowed to; empty means everything its scopes name
 * @param daily distinct patrons a client may open a day; empty for a person, or for a client without a limit
 * @param limited false for a client whose limits were lifted
 */
public record Caller(
        Actor actor,
        Set<String> scopes,
        Optional<Set<PatronField>> fields,
        Optional<Set<Purpose>> purposes,
        OptionalInt daily,
        boolean limited) {

    static Caller person(Actor actor) {
        return new Caller(actor, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), true);
    }

    /** Whether it is a person acting in that role. */
    public boolean acts(Role role) {
        return isPerson() && actor.role().equals(role.name());
    }

    /** Whether it is a person. */
    public boolean isPerson() {
        return actor.kind() == Actor.Kind.STAFF;
    }
}

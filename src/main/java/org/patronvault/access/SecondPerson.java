package org.patronvault.access;

import java.util.Optional;
import java.util.Set;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.Role;

/** Who counts as second person for accounts, clients and policy: another administrator or director. */
final class SecondPerson {
    static final Set<String> ROLES = Set.of(Role.ADMIN.name(), Role.DIRECTOR.name());

    private SecondPerson() {}

    /** Whether somebody acts in a role that may agree to what others ask. */
    static boolean qualifies(Actor person) {
        return person.kind() == Actor.Kind.STAFF && ROLES.contains(person.role());
    }

    /**
     * Passes if {@code second} proved who they are, is neither the one who acts nor the one who gains, and acts as
     * administrator or director.
     *
     * @param gains canonical name of the account that gets more than it had, empty where it is no account
     */
    static void require(Actor by, Optional<Actor> second, Optional<String> gains) {
        boolean another =
                second.isPresent() && !second.get().name().equals(by.name()) && !gains.equals(second.map(Actor::name));
        if (!another || !qualifies(second.get())) {
            throw new Refused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "The second person must be another administrator or director, and not the one who gains.");
        }
    }
}

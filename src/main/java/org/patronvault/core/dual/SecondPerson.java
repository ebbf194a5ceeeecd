package org.patronvault.core.dual;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;

/** The kind of person who may approve a request: never the requester, nor the person who gains. */
public enum SecondPerson {
    /** For accounts, clients and policy. */
    ADMINISTRATION("another administrator or director"),
    /** For keys and restoring a backup. */
    CUSTODY("another custodian"),
    /** For more erasures than one person, or all people together, may carry out in a day. */
    ERASURE("a director or another privacy officer"),
    /** For patrons that leave the library. */
    EXPORT("a privacy officer or another director");

    private final String who;

    SecondPerson(String who) {
        this.who = who;
    }

    /** Returns the roles that may approve. */
    public Set<String> roles() {
        return switch (this) {
            case ADMINISTRATION -> Set.of(Role.ADMIN.name(), Role.DIRECTOR.name());
            case CUSTODY -> Set.of(Role.CUSTODIAN.name());
            case ERASURE, EXPORT -> Set.of(Role.PRIVACY_OFFICER.name(), Role.DIRECTOR.name());
        };
    }

    /** Whether a person in that role may approve any request of others. */
    public static boolean isRoleOfAny(String role) {
        return Arrays.stream(values()).anyMatch(kind -> kind.roles().contains(role));
    }

    /** Returns the description of that person, in words. */
    public String who() {
        return who;
    }

    /** Whether a person acts in a role that may approve. */
    boolean isQualified(Actor person) {
        return person.kind() == Actor.Kind.STAFF && roles().contains(person.role());
    }

    /** Whether {@link #require} passes. */
    boolean isBeside(Actor by, Optional<Actor> second, Optional<String> gains) {
        return second.filter(this::isQualified)
                .filter(person -> !person.name().equals(by.name()))
                .filter(person -> !gains.equals(Optional.of(person.name())))
                .isPresent();
    }

    /** Requires a qualified second person for an act from which no account gains. */
    public void requireBeside(Actor by, Optional<Actor> second) {
        require(by, second, Optional.empty());
    }

    /**
     * Passes if {@code second} proved who they are, acts in such a role, and is neither the actor nor the person who
     * gains.
     *
     * @param gains canonical name of the account that gains; empty if none does
     */
    void require(Actor by, Optional<Actor> second, Optional<String> gains) {
        if (!isBeside(by, second, gains)) {
            throw new Refused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "The second person must be " + who + ", and not the one who gains.");
        }
    }
}

package org.patronvault.access;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.Role;

/** Who may agree to what another asks; never the one who asks, nor the one who gains. */
public enum SecondPerson {
    /** For accounts, clients and policy. */
    ADMINISTRATION("another administrator or director"),
    /** For keys and what is brought back from a backup. */
    CUSTODY("another custodian"),
    /** For more erasures than one person, or all people together, carry out in a day. */
    ERASURE("a director or another privacy officer"),
    /** For patrons that leave the library. */
    EXPORT("a privacy officer or another director");

    private final String who;

    SecondPerson(String who) {
        this.who = who;
    }

    /** The roles that may agree. */
    public Set<String> roles() {
        return switch (this) {
            case ADMINISTRATION -> Set.of(Role.ADMIN.name(), Role.DIRECTOR.name());
            case CUSTODY -> Set.of(Role.CUSTODIAN.name());
            case ERASURE, EXPORT -> Set.of(Role.PRIVACY_OFFICER.name(), Role.DIRECTOR.name());
        };
    }

    /** Whether who acts in that role may agree to anything that others ask. */
    public static boolean isRoleOfAny(String role) {
        return Arrays.stream(values()).anyMatch(kind -> kind.roles().contains(role));
    }

    /** Who that is, in words. */
    public String who() {
        return who;
    }

    /** Whether somebody acts in a role that may agree. */
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

    /** The same of an act that gives nobody anything. */
    public void requireBeside(Actor by, Optional<Actor> second) {
        require(by, second, Optional.empty());
    }

    /**
     * Passes if {@code second} proved who they are, is neither the one who acts nor the one who gains, and acts in such
     * a role.
     *
     * @param gains canonical name of the account that gets more than it had, empty where it is no account
     */
    void require(Actor by, Optional<Actor> second, Optional<String> gains) {
        if (!isBeside(by, second, gains)) {
            throw new Refused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "The second person must be " + who + ", and not the one who gains.");
        }
    }
}

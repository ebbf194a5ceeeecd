package org.patronvault.core.model;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The name of a person's role in the library. The rights of a role are in {@code policy.yaml}; a role the policy does
 * not know has none.
 */
public record Role(String name) implements Comparable<Role> {
    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,39}");

    public static final Role ADMIN = new Role("admin");
    public static final Role CUSTODIAN = new Role("custodian");
    public static final Role DIRECTOR = new Role("director");
    public static final Role PRIVACY_OFFICER = new Role("privacy-officer");

    public static final Role SUPERVISOR = new Role("supervisor");

    /** The roles that one person alone cannot give once the first patron is stored. */
    public static final Set<Role> POWERFUL = Set.of(ADMIN, CUSTODIAN, DIRECTOR, PRIVACY_OFFICER);

    public Role {
        if (!FORM.matcher(name).matches()) {
            throw new Refused(Problem.INVALID, "A role is 1 to 40 lower-case letters, digits or hyphens.");
        }
    }

    @Override
    public int compareTo(Role other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}

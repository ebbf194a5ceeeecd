package org.patronvault.core.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.Role;

/**
 * The policy's mapping from a provider's groups to roles. It never gives a role that takes two people to give.
 *
 * @param groups in the order of the file
 */
public record SignOnPolicy(Map<String, List<String>> groups) {
    /** The member of a policy that {@link #read} reads. */
    static final String MEMBER = "signOn";

    private static final int MAX_GROUP = 256;

    /** Permissions that widen, destroy or hand out; in the default policy only powerful roles have them. */
    private static final Set<String> POWERS = Stream.of(
                    Permission.STAFF,
                    Permission.CLIENTS,
                    Permission.CUSTODY,
                    Permission.ROTATE,
                    Permission.SEAL,
                    Permission.RESTORE,
                    Permission.EXPORT,
                    Permission.PACKAGE,
                    Permission.RETENTION,
                    Permission.POST_POLICY,
                    Permission.CASES,
                    Permission.APPROVE_CASES)
            .map(Permission::wireName)
            .collect(Collectors.toUnmodifiableSet());

    /** Reads the mapping from the policy; without one, no group has a role. */
    static SignOnPolicy read(YamlNode root, PolicyReader reader) {
        YamlNode node = root.member(MEMBER);
        Map<String, List<String>> groups = new LinkedHashMap<>();
        if (node.isSaid() && !node.isMembers()) {
            reader.fault(node, "has no members in " + MEMBER);
        }
        node.members().forEach((group, written) -> {
            if (group.isBlank() || group.length() > MAX_GROUP) {
                reader.fault(written, "names a group in signOn in other than 1 to 256 characters");
            }
            Set<String> roles = reader.set(written, " in " + MEMBER, Optional::of);
            if (!root.member("roles").members().keySet().containsAll(roles)) {
                reader.fault(written, "gives a role in signOn that is not among its roles");
            }
            if (anyPowerful(roles)) {
                reader.fault(
                        written,
                        "gives director, custodian, privacy-officer or admin in signOn: no provider gives these, two"
                                + " people do, by `staff grant`");
            }
            groups.put(group, List.copyOf(roles));
        });
        return new SignOnPolicy(groups);
    }

    /** Whether any role is powerful, so that no provider and no single person can give it. */
    public static boolean anyPowerful(Collection<String> roles) {
        return Role.POWERFUL.stream().map(Role::name).anyMatch(roles::contains);
    }

    /**
     * Returns the mapped roles that have, in {@code policy}, a permission of powerful roles. This mapping is part of
     * that policy.
     */
    public List<String> withPowers(Policy policy) {
        return groups.values().stream()
                .flatMap(List::stream)
                .distinct()
                .filter(role -> policy.written("roles", role, "may").list().stream()
                        .map(YamlNode::text)
                        .anyMatch(POWERS::contains))
                .toList();
    }

    /** Returns the roles of a person in those groups, in the order of the file. */
    public List<String> roles(List<String> of) {
        Set<String> roles = new LinkedHashSet<>();
        groups.forEach((group, given) -> {
            if (of.contains(group)) {
                roles.addAll(given);
            }
        });
        return List.copyOf(roles);
    }

    /** Explains which roles a group gives, and the line in {@code policy}, which this mapping is part of. */
    public Explanation explain(Policy policy, String group) {
        List<String> given = roles(List.of(group));
        int line = groups.containsKey(group) ? policy.written(MEMBER, group).line() : 0;
        String says = given.isEmpty()
                ? "Whoever is in that group at the sign-on provider gets no role by it"
                : "Whoever is in that group at the sign-on provider gets " + String.join(", ", given);
        String place = line == 0 ? "." : ": line " + line + ", " + MEMBER + ".";
        return new Explanation(
                !given.isEmpty(), line == 0 ? "" : MEMBER, line, Optional.empty(), List.of(says + place));
    }

    /** Returns sentences for the roles that this gives and {@code before} does not. */
    List<String> widerThan(SignOnPolicy before) {
        List<String> more = new ArrayList<>();
        groups.forEach((group, roles) -> roles.stream()
                .filter(role -> !before.groups.getOrDefault(group, List.of()).contains(role))
                .forEach(role -> more.add("Sign-on gives whoever is in group " + group + " the role " + role + ".")));
        return more;
    }

    /** Returns the mapping in words, a phrase each. */
    public List<String> words() {
        return groups.entrySet().stream()
                .map(entry -> "group " + entry.getKey() + " gives "
                        + (entry.getValue().isEmpty() ? "nothing" : String.join(", ", entry.getValue())))
                .toList();
    }
}

package org.patronvault.core.policy;

import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The parts of a policy beside roles and scopes. Each part may be left out, and then has a default. */
record PolicySettings(
        StatisticsPolicy statistics,
        AccessLogPolicy accessLog,
        MailingPolicy mailings,
        EntitlementCheckPolicy checks,
        SortedMap<String, RetentionRule> retention,
        DisclosurePolicy disclosure,
        SignOnPolicy signOn) {
    /** The members of a policy that {@link #read} reads. */
    static final Set<String> MEMBERS = Stream.of(
                    Set.of(
                            StatisticsPolicy.MEMBER,
                            MailingPolicy.MEMBER,
                            EntitlementCheckPolicy.MEMBER,
                            DisclosurePolicy.MEMBER,
                            SignOnPolicy.MEMBER),
                    AccessLogPolicy.MEMBERS)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    /** Reads these parts from the policy, or returns the defaults if there are none. */
    static PolicySettings read(YamlNode root, PolicyReader reader) {
        return new PolicySettings(
                StatisticsPolicy.read(root, reader),
                AccessLogPolicy.read(root, reader),
                MailingPolicy.read(root, reader),
                EntitlementCheckPolicy.read(root, reader),
                RetentionRule.read(root, reader),
                DisclosurePolicy.read(root, reader),
                SignOnPolicy.read(root, reader));
    }
}

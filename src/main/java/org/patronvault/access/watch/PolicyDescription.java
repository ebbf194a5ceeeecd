package org.patronvault.access.watch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.AccessLogPolicy;
import org.patronvault.core.policy.FieldGrants;
import org.patronvault.core.policy.LimitSettings;
import org.patronvault.core.policy.MailingPolicy;
import org.patronvault.core.policy.Mask;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.PolicyRule;

/**
 * The plain-words description of the rights of one role, scope or service, or of the limits.
 *
 * @param who the name of the role, scope, service or limits
 * @param says one phrase each; empty if nothing is allowed
 */
public record PolicyDescription(String who, List<String> says) {
    private static final String NOTHING = "nothing";

    /** Describes a policy for the people who approve it: roles, scopes, limits and services. */
    public static List<PolicyDescription> of(Policy policy) {
        List<PolicyDescription> words = new ArrayList<>();
        for (String role : policy.fields().roleNames()) {
            List<String> says = of(policy.fields().role(role).orElseThrow());
            if (policy.secondFactor().contains(role)) {
                says.add("signs in with a second factor");
            }
            words.add(new PolicyDescription("Role " + role, says));
        }
        policy.fields()
                .scopeNames()
                .forEach(scope -> words.add(new PolicyDescription(
                        "Scope " + scope, of(policy.fields().scope(scope).orElseThrow()))));
        words.add(new PolicyDescription("A person's limits", limits(policy.limits())));
        policy.serviceNames()
                .forEach(name -> words.add(new PolicyDescription(
                        "Service " + name, policy.service(name).orElseThrow().words())));
        words.add(new PolicyDescription("Entitlement checks", policy.checks().words()));
        words.add(new PolicyDescription(
                "Statistics", List.of("tell of no fewer than " + policy.statisticsFloor() + " patrons")));
        words.add(new PolicyDescription("Mailings", mailings(policy.mailings())));
        words.add(new PolicyDescription("The access log", accessLog(policy.accessLog())));
        words.add(new PolicyDescription(
                "Disclosure",
                List.of("by the law of " + policy.jurisdiction().name() + " on "
                        + policy.jurisdiction().sufficientNames())));
        words.add(new PolicyDescription("Sign-on by a provider", policy.signOn().words()));
        policy.retention()
                .forEach((name, rule) -> words.add(new PolicyDescription("Retention " + name, List.of(rule.words()))));
        return words;
    }

    private static List<String> of(PolicyRule rule) {
        List<String> says = new ArrayList<>();
        if (rule.may().isEmpty()) {
            return says;
        }
        says.add("may " + rule.may().stream().sorted().map(Permission::wireName).collect(Collectors.joining(", ")));
        if (rule.may().contains(Permission.PACKAGE)) {
            says.add("opens everything held of a patron in the patron's own package");
        }
        if (rule.may().contains(Permission.EXPORT)) {
            says.add("opens everything of everybody in an export, which takes a second person");
        }
        if (!rule.purposes().isEmpty()) {
            says.add("for " + purposes(rule.purposes()));
        }
        says.addAll(of(rule.own(), ""));
        rule.searches().ifPresent(by -> says.add("searches by " + fields(by, Set.of())));
        if (rule.ownLibraryOnly()) {
            says.add("of the own library's patrons only");
        }
        if (!rule.elsewhere().equals(rule.own())) {
            says.addAll(of(rule.elsewhere(), "of another library's patrons "));
        }
        return says;
    }

    private static List<String> of(FieldGrants sight, String whose) {
        List<String> says = new ArrayList<>();
        says.add(whose + "opens " + byPurpose(sight.opens(), Map.of()));
        says.add(whose + "sees in results " + byPurpose(sight.results(), sight.maskedResults()));
        if (!sight.masked().isEmpty()) {
            says.add(whose + "gets only "
                    + sight.masked().stream()
                            .sorted()
                            .map(PolicyDescription::part)
                            .collect(Collectors.joining(", ")));
        }
        return says;
    }

    /**
     * Purposes with the same fields are described together; one set for all purposes needs no purposes.
     *
     * @param masked those of the fields of which only a part is shown
     */
    private static String byPurpose(Map<Purpose, Set<PatronField>> fields, Map<Purpose, Set<PatronField>> masked) {
        Map<String, List<Purpose>> alike = new LinkedHashMap<>();
        fields.keySet().stream()
                .sorted()
                .forEach(purpose -> alike.computeIfAbsent(
                                fields(fields.get(purpose), masked.getOrDefault(purpose, Set.of())),
                                some -> new ArrayList<>())
                        .add(purpose));
        alike.remove(NOTHING);
        if (alike.isEmpty()) {
            return NOTHING;
        }
        if (alike.size() == 1
                && alike.containsValue(fields.keySet().stream().sorted().toList())) {
            return alike.keySet().iterator().next();
        }
        return alike.entrySet().stream()
                .map(entry -> entry.getKey() + " for " + purposes(entry.getValue()))
                .collect(Collectors.joining("; "));
    }

    private static String purposes(Collection<Purpose> purposes) {
        return purposes.stream().sorted().map(Purpose::name).collect(Collectors.joining(", "));
    }

    private static String fields(Set<PatronField> fields, Set<PatronField> masked) {
        return fields.isEmpty()
                ? NOTHING
                : fields.stream()
                        .sorted()
                        .map(field -> masked.contains(field) ? part(field) : field.wireName())
                        .collect(Collectors.joining(", "));
    }

    /** Returns such as "last-four of card". */
    private static String part(PatronField field) {
        return Mask.of(field).wireName() + " of " + field.wireName();
    }

    private static List<String> limits(LimitSettings limits) {
        return List.of(
                "opened patrons: " + limits.openedTenMinutes() + " in ten minutes, " + limits.openedDay() + " a day",
                "names in results: " + limits.namesTenMinutes() + " in ten minutes, " + limits.namesDay() + " a day",
                "searches: " + limits.searchesTenMinutes() + " in ten minutes",
                "failed verifies of one patron: " + limits.failedVerifiesHour() + " an hour",
                "erasures: " + limits.erasuresDay() + " a day by one person, " + limits.erasuresInAllDay()
                        + " a day in all; a director or privacy officer agrees to each further one");
    }

    private static List<String> mailings(MailingPolicy mailings) {
        return List.of(
                "addresses in one file: " + mailings.most(),
                "addresses that one person alone may take out a day: " + mailings.alone());
    }

    private static List<String> accessLog(AccessLogPolicy log) {
        return List.of(
                "says " + log.time() + " whom an entry was about",
                "names staff by " + (log.reportNamesStaff() ? "their names" : "what they do")
                        + " in a patron's report");
    }
}

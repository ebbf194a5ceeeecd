package org.patronvault.core.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;

/**
 * The parser that makes a policy from YAML and collects all faults. A fault names a place and a known member, never a
 * value of the file. For one file.
 */
final class PolicyReader {
    private static final Set<String> TOP_MEMBERS = Stream.of(
                    Set.of("version", "posted", "roles", "scopes", "limits", "services", "secondFactor"),
                    PolicySettings.MEMBERS)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());
    private static final Set<String> RULE_MEMBERS =
            Set.of("may", "purposes", "opens", "results", "searches", "libraries", "masks", "elsewhere");
    private static final Set<String> SIGHT_MEMBERS = Set.of("opens", "results", "masks");
    private static final Pattern RULE_NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");
    private static final Pattern VERSION = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._/-]{0,39}");
    static final Pattern LIBRARY = Pattern.compile("[A-Za-z0-9_-]{1,20}");
    private static final Set<Purpose> GRANTABLE = Purpose.KNOWN.stream()
            .filter(purpose -> !Purpose.VAULTS_OWN.contains(purpose))
            .collect(Collectors.toUnmodifiableSet());

    private final List<PolicyFile.Fault> faults = new ArrayList<>();

    /** Returns the faults, in the order they were found. */
    List<PolicyFile.Fault> faults() {
        return faults;
    }

    /** Returns the policy; valid only if there are no {@link #faults}. */
    Policy read(YamlNode root) {
        if (!root.isMembers()) {
            fault(root, "is not a set of members");
            return new Policy(
                    "",
                    "",
                    new FieldPolicy(Map.of(), Map.of()),
                    LimitSettings.read(root.member("limits"), this),
                    Map.of(),
                    Set.of(),
                    PolicySettings.read(root, this),
                    root);
        }
        requireMembers(root, TOP_MEMBERS, "");
        YamlNode version = root.member("version");
        if (!version.isText() || !VERSION.matcher(version.text()).matches()) {
            fault(version, "has no version, which is text of 1 to 40 letters, digits, blanks, dots or hyphens");
        }
        YamlNode posted = root.member("posted");
        if (posted.isSaid()
                && (!posted.isText() || !VERSION.matcher(posted.text()).matches())) {
            fault(posted, "names no posted policy, whose version is 1 to 40 letters, digits, blanks, dots or hyphens");
        }
        Map<String, PolicyRule> roles = rules(root, "roles");
        YamlNode secondFactor = root.member("secondFactor");
        Set<String> asked = set(secondFactor, " in secondFactor", Optional::of);
        if (!roles.keySet().containsAll(asked)) {
            fault(secondFactor, "names a role in secondFactor that is not among its roles");
        }
        return new Policy(
                version.text(),
                posted.isSaid() ? posted.text() : version.text(),
                new FieldPolicy(roles, rules(root, "scopes")),
                LimitSettings.read(root.member("limits"), this),
                VendorService.read(root, this),
                asked,
                PolicySettings.read(root, this),
                root);
    }

    void fault(YamlNode at, String what) {
        faults.add(new PolicyFile.Fault(at.line(), what));
    }

    boolean requireMembers(YamlNode node, Set<String> known, String where) {
        if (!node.isMembers()) {
            fault(node, "has no members" + where);
            return false;
        }
        node.members().forEach((name, member) -> {
            if (!known.contains(name)) {
                fault(member, "has a member it does not know" + where);
            }
        });
        return true;
    }

    /** Returns that part if it has no other members, or {@link YamlNode#NOT}. */
    YamlNode only(YamlNode root, String part, String... members) {
        YamlNode node = root.member(part);
        return node.isSaid() && requireMembers(node, Set.of(members), " in " + part) ? node : YamlNode.NOT;
    }

    private Map<String, PolicyRule> rules(YamlNode root, String where) {
        YamlNode node = root.member(where);
        Map<String, PolicyRule> rules = new LinkedHashMap<>();
        if (!node.isMembers()) {
            fault(node, "has no " + where);
        }
        node.members().forEach((name, rule) -> {
            if (!RULE_NAME.matcher(name).matches()) {
                fault(rule, "names a role or scope in other than 1 to 40 lower-case letters, digits or hyphens");
            } else if (requireMembers(rule, RULE_MEMBERS, " in " + where)) {
                rules.put(name, rule(rule));
            }
        });
        return rules;
    }

    private PolicyRule rule(YamlNode rule) {
        Set<Purpose> purposes = set(rule.member("purposes"), " in purposes", this::purpose);
        FieldGrants own = sight(rule, purposes, FieldGrants.NOTHING);
        YamlNode elsewhere = rule.member("elsewhere");
        boolean ownOnly = ownLibraryOnly(rule.member("libraries"));
        if (elsewhere.isSaid() && ownOnly) {
            fault(elsewhere, "says elsewhere of a role or scope whose libraries are own");
        }
        boolean differs = elsewhere.isSaid() && requireMembers(elsewhere, SIGHT_MEMBERS, " in elsewhere");
        return new PolicyRule(
                set(rule.member("may"), " in may", Permission::ofWireName),
                purposes,
                Optional.of(rule.member("searches"))
                        .filter(YamlNode::isSaid)
                        .map(searches -> set(searches, " in searches", PolicyReader::field)),
                ownOnly,
                own,
                differs ? sight(elsewhere, purposes, own) : own);
    }

    private boolean ownLibraryOnly(YamlNode libraries) {
        if (libraries.isSaid() && !(libraries.isText() && Set.of("any", "own").contains(libraries.text()))) {
            fault(libraries, "has libraries other than any or own");
        }
        return libraries.text().equals("own");
    }

    /**
     * @param unsaid the defaults for absent members
     */
    private FieldGrants sight(YamlNode node, Set<Purpose> purposes, FieldGrants unsaid) {
        YamlNode opens = node.member("opens");
        YamlNode results = node.member("results");
        YamlNode masks = node.member("masks");
        Map<Purpose, Set<PatronField>> partly = new LinkedHashMap<>();
        Map<Purpose, Set<PatronField>> shown = new LinkedHashMap<>();
        byPurpose(results, " in results", purposes, this::results).forEach((purpose, some) -> {
            shown.put(purpose, some.keySet());
            partly.put(purpose, some.keySet().stream().filter(some::get).collect(Collectors.toUnmodifiableSet()));
        });
        return new FieldGrants(
                opens.isSaid()
                        ? byPurpose(opens, " in opens", purposes, list -> set(list, " in opens", PolicyReader::field))
                        : unsaid.opens(),
                results.isSaid() ? shown : unsaid.results(),
                results.isSaid() ? partly : unsaid.maskedResults(),
                masks.isSaid() ? masks(masks, " in masks") : unsaid.masked());
    }

    /** Returns the fields of a list such as {@code [name, card: last-four]}, and whether each is masked. */
    private Map<PatronField, Boolean> results(YamlNode list) {
        Map<PatronField, Boolean> fields = new LinkedHashMap<>();
        requireList(list, " in results");
        for (YamlNode one : list.list()) {
            if (one.isMembers()) {
                masks(one, " in results").forEach(field -> fields.put(field, true));
            } else {
                word(one, " in results", PolicyReader::field).ifPresent(field -> fields.put(field, false));
            }
        }
        return fields;
    }

    /** A list without purposes applies to every purpose of the role. */
    private <T> Map<Purpose, T> byPurpose(
            YamlNode node, String where, Set<Purpose> purposes, Function<YamlNode, T> read) {
        Map<Purpose, T> fields = new LinkedHashMap<>();
        if (!node.isMembers()) {
            T all = read.apply(node);
            purposes.forEach(purpose -> fields.put(purpose, all));
            return fields;
        }
        node.members().forEach((name, list) -> {
            Optional<Purpose> purpose = purpose(name);
            if (purpose.isEmpty()) {
                fault(list, unknown(where));
            } else if (!purposes.contains(purpose.get())) {
                fault(list, "names a purpose that is not among the purposes of the role or scope" + where);
            }
            T those = read.apply(list);
            purpose.ifPresent(known -> fields.put(known, those));
        });
        return fields;
    }

    private Set<PatronField> masks(YamlNode node, String where) {
        Set<PatronField> masked = new LinkedHashSet<>();
        if (!node.isMembers()) {
            fault(node, "has no members" + where);
        }
        node.members().forEach((name, mask) -> {
            Optional<PatronField> field = field(name);
            if (field.isEmpty()) {
                fault(mask, unknown(where));
            } else if (!mask.isText() || !Mask.ofWireName(mask.text()).equals(field.map(Mask::of))) {
                fault(
                        mask,
                        "has another mask than last-four for card and phone, domain for email, locality for address,"
                                + " initials for name");
            }
            field.ifPresent(masked::add);
        });
        return masked;
    }

    private static Optional<PatronField> field(String name) {
        return PatronField.ofWireName(name).filter(PatronField::isPersonal);
    }

    private Optional<Purpose> purpose(String name) {
        return GRANTABLE.stream().filter(purpose -> purpose.name().equals(name)).findFirst();
    }

    private static String unknown(String where) {
        return "has a word it does not know" + where;
    }

    <T> Set<T> set(YamlNode node, String where, Function<String, Optional<T>> parse) {
        Set<T> set = new LinkedHashSet<>();
        requireList(node, where);
        for (YamlNode one : node.list()) {
            word(one, where, parse).ifPresent(set::add);
        }
        return set;
    }

    private void requireList(YamlNode node, String where) {
        if (node.isSaid() && !node.isList()) {
            fault(node, "has something other than a list" + where);
        }
    }

    private <T> Optional<T> word(YamlNode node, String where, Function<String, Optional<T>> parse) {
        Optional<T> word = node.isText() ? parse.apply(node.text()) : Optional.empty();
        if (word.isEmpty()) {
            fault(node, unknown(where));
        }
        return word;
    }
}

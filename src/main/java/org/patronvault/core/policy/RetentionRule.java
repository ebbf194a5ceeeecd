package org.patronvault.core.policy;

import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.Status;

/**
 * A rule for records that are no longer kept (P6), from {@code policy.yaml}. It matches patrons who expired, or
 * withdrew consent to the service, that long ago. It has one of the two conditions, since without either it would match
 * everyone.
 *
 * @param expiredMonths empty in a rule on the consent
 * @param withdrawnDays empty in a rule on the expiry
 * @param categories empty for every category; so with status and libraries
 */
public record RetentionRule(
        String name,
        OptionalInt expiredMonths,
        OptionalInt withdrawnDays,
        Set<Category> categories,
        Set<Status> status,
        Set<String> libraries) {

    private static final String PATRONS = "patrons";
    private static final String EXPIRED = "expiredMonths";
    private static final String WITHDRAWN = "withdrawnDays";
    private static final String CATEGORIES = "categories";
    private static final String STATUS = "status";
    private static final String LIBRARIES = "libraries";
    private static final Set<String> MEMBERS = Set.of(EXPIRED, WITHDRAWN, CATEGORIES, STATUS, LIBRARIES);
    private static final int MAX_MONTHS = 1_200;
    private static final int MAX_DAYS = 3_650;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");

    public RetentionRule {
        categories = Set.copyOf(categories);
        status = Set.copyOf(status);
        libraries = Set.copyOf(libraries);
    }

    /** Reads the rules, by name; faults are noted, with the rule named. */
    static SortedMap<String, RetentionRule> read(YamlNode root, PolicyReader reader) {
        SortedMap<String, RetentionRule> rules = new TreeMap<>();
        YamlNode all = root.member("retention").member(PATRONS);
        if (all.isSaid() && !all.isMembers()) {
            reader.fault(all, "has retention rules that are not members");
        }
        all.members().forEach((name, rule) -> {
            if (!NAME.matcher(name).matches()) {
                reader.fault(
                        rule, "names a retention rule in other than 1 to 40 lower-case letters, digits or hyphens");
            } else if (reader.requireMembers(rule, MEMBERS, " in retention rule " + name)) {
                rules.put(name, read(name, rule, reader));
            }
        });
        return Collections.unmodifiableSortedMap(rules);
    }

    private static RetentionRule read(String name, YamlNode rule, PolicyReader reader) {
        String where = " in retention rule " + name;
        if (rule.member(EXPIRED).isSaid() == rule.member(WITHDRAWN).isSaid()) {
            reader.fault(
                    rule,
                    "has a retention rule, " + name
                            + ", that says not one of expiredMonths and withdrawnDays; without either it matches everyone");
        }
        for (String list : Set.of(CATEGORIES, STATUS, LIBRARIES)) {
            if (rule.member(list).isList() && rule.member(list).list().isEmpty()) {
                reader.fault(rule.member(list), "has an empty list" + where + "; leave it out to mean every one");
            }
        }
        return new RetentionRule(
                name,
                number(rule.member(EXPIRED), MAX_MONTHS, EXPIRED + where, reader),
                number(rule.member(WITHDRAWN), MAX_DAYS, WITHDRAWN + where, reader),
                reader.set(rule.member(CATEGORIES), where, Category::ofWireName),
                reader.set(rule.member(STATUS), where, Status::ofWireName),
                reader.set(
                        rule.member(LIBRARIES),
                        where,
                        code -> Optional.of(code)
                                .filter(one -> PolicyReader.LIBRARY.matcher(one).matches())));
    }

    private static OptionalInt number(YamlNode node, int most, String what, PolicyReader reader) {
        if (!node.isSaid()) {
            return OptionalInt.empty();
        }
        if (node.wholeNumber() < 1 || node.wholeNumber() > most) {
            reader.fault(node, "has another " + what + " than 1 to " + most);
        }
        return OptionalInt.of(node.wholeNumber());
    }

    /** Returns the latest expiry date that matches on that day; empty for a rule on the consent. */
    public Optional<LocalDate> expiredBy(LocalDate today) {
        return expiredMonths.isPresent() ? Optional.of(today.minusMonths(expiredMonths.getAsInt())) : Optional.empty();
    }

    /**
     * Whether a record is no longer kept on that day.
     *
     * @param withdrawn since when the consent is withdrawn, if it is
     */
    public boolean matches(PatronAttributes patron, Optional<LocalDate> withdrawn, LocalDate today) {
        boolean narrow = (categories.isEmpty() || categories.contains(patron.category()))
                && (status.isEmpty() || status.contains(patron.status()))
                && (libraries.isEmpty() || libraries.contains(patron.library()));
        boolean expired = expiredBy(today)
                .flatMap(last -> patron.expires().map(day -> !day.isAfter(last)))
                .orElse(false);
        boolean gone = withdrawnDays.isPresent()
                && withdrawn
                        .map(day -> !day.isAfter(today.minusDays(withdrawnDays.getAsInt())))
                        .orElse(false);
        return narrow && (expired || gone);
    }

    /** Returns the rule in words, for the people who approve it. */
    public String words() {
        StringBuilder words = new StringBuilder("Records go whose ");
        words.append(
                expiredMonths.isPresent()
                        ? "card has been expired for " + expiredMonths.getAsInt() + " months"
                        : "consent was taken back " + withdrawnDays.orElse(0) + " days ago");
        narrowed(
                words,
                "category",
                categories.stream().map(Category::wireName).sorted().toList());
        narrowed(words, "status", status.stream().map(Status::wireName).sorted().toList());
        narrowed(words, "library", libraries.stream().sorted().toList());
        return words.append(", once a person has looked through the list (rule ")
                .append(name)
                .append(").")
                .toString();
    }

    private static void narrowed(StringBuilder words, String what, List<String> to) {
        if (!to.isEmpty()) {
            words.append(", ").append(what).append(' ').append(String.join(" or ", to));
        }
    }
}

package org.patronvault.core.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;

/**
 * A comparison of two policies: everything that one allows and the other does not. It asks both about each role or
 * scope, field and purpose, for patrons of the own library and of another. The answer for a set of fields follows from
 * its fields. The answer for a client with several scopes follows from its scopes.
 */
final class PolicyWidening {
    /** No patron is known yet. */
    private static final String NOBODY = "";

    /** Acts that open fields, each for a named purpose. */
    private static final List<Permission> OPENING =
            List.of(Permission.SEARCH, Permission.REVEAL, Permission.REVEAL_MANY, Permission.VERIFY, Permission.MAIL);
    /** Acts on no single patron, so no patron's library matters. */
    private static final Set<Permission> AIMED_AT_NOBODY = Set.of(
            Permission.REGISTER,
            Permission.IMPORT,
            Permission.READ_LOG,
            Permission.CHECKPOINT,
            Permission.PROOF,
            Permission.KEYS,
            Permission.ROTATE,
            Permission.SEAL,
            Permission.CUSTODY,
            Permission.BACKUP,
            Permission.RESTORE,
            Permission.LEAKAGE,
            Permission.STAFF,
            Permission.CLIENTS,
            Permission.ENTITLEMENT,
            Permission.STATISTICS,
            Permission.METRICS,
            Permission.CASES,
            Permission.COUNSEL,
            Permission.APPROVE_CASES);

    /** A question whether a policy allows one thing about one field or act. */
    @FunctionalInterface
    private interface Capability {
        boolean of(Policy policy, Purpose purpose, String library);
    }

    /**
     * A question whether the wanted policy allows one thing for a purpose and library that the approved policy does
     * not.
     */
    @FunctionalInterface
    private interface More {
        boolean at(Purpose purpose, String library);
    }

    private static final List<PatronField> FIELDS =
            PatronField.personal().stream().sorted().toList();

    private final Policy approved;
    private final Policy wanted;
    private final List<String> sentences = new ArrayList<>();

    PolicyWidening(Policy approved, Policy wanted) {
        this.approved = approved;
        this.wanted = wanted;
    }

    List<String> sentences() {
        names(approved.fields().roleNames(), wanted.fields().roleNames())
                .forEach(role -> compare(SyntheticCaller.role(role)));
        names(approved.fields().scopeNames(), wanted.fields().scopeNames())
                .forEach(scope -> compare(SyntheticCaller.scope(scope)));
        limits(approved.limits(), wanted.limits());
        limit(
                "addresses in a mailing",
                approved.mailings().most(),
                wanted.mailings().most());
        limit(
                "addresses one person takes out alone a day",
                approved.mailings().alone(),
                wanted.mailings().alone());
        services();
        checks(approved.checks(), wanted.checks());
        statistics(approved.statisticsFloor(), wanted.statisticsFloor());
        accessLog(approved.accessLog(), wanted.accessLog());
        sentences.addAll(wanted.signOn().widerThan(approved.signOn()));
        sentences.addAll(
                new DisclosurePolicy(wanted.jurisdiction()).widerThan(new DisclosurePolicy(approved.jurisdiction())));
        // Erased records cannot be brought back, so any changed rule counts as more.
        wanted.retention().values().stream()
                .filter(rule -> !rule.equals(approved.retention().get(rule.name())))
                .forEach(rule -> sentences.add(rule.words()));
        approved.fields().roleNames().stream()
                .filter(role -> approved.secondFactor().contains(role)
                        && !wanted.secondFactor().contains(role))
                .forEach(role ->
                        sentences.add("Role " + role + " signs in without the second factor asked for until now."));
        return List.copyOf(sentences);
    }

    private static Set<String> names(List<String> some, List<String> others) {
        return Stream.concat(some.stream(), others.stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private void compare(SyntheticCaller who) {
        for (Permission act : Permission.values()) {
            Set<String> more = new TreeSet<>();
            Stream.concat(Stream.of(NOBODY), AIMED_AT_NOBODY.contains(act) ? Stream.of() : who.libraries().stream())
                    .filter(library -> may(wanted, who, act, library) && !may(approved, who, act, library))
                    .forEach(more::add);
            if (!more.isEmpty()) {
                String where = more.contains(NOBODY) ? "" : who.ofPatrons(more);
                sentences.add(who.words() + " may " + act.wireName() + where + ".");
            }
        }
        more(who, "may name", asking((policy, purpose, library) -> opens(policy, who, purpose, library, Set.of())));
        for (PatronField field : FIELDS) {
            String name = field.wireName();
            Set<PatronField> one = Set.of(field);
            Capability opens = (policy, purpose, library) -> opens(policy, who, purpose, library, one);
            Capability results = (policy, purpose, library) -> shown(policy, search(who, purpose), library)
                    .filter(shown -> shown.results().contains(field))
                    .isPresent();
            Capability shown = (policy, purpose, library) -> shows(policy, who, purpose, library, field, false);
            Capability whole = (policy, purpose, library) -> shows(policy, who, purpose, library, field, true);
            more(who, "may open " + name + " for", asking(opens));
            more(
                    who,
                    "may search by " + name + " for",
                    asking((policy, purpose, library) ->
                            allowed(policy, search(who, purpose).searchingBy(one), library)));
            more(who, "sees " + name + " in results for", asking(results));
            more(
                    who,
                    "gets " + name + " whole and not masked for",
                    (purpose, library) -> shown.of(approved, purpose, library)
                            && asking(whole).at(purpose, library));
        }
    }

    private More asking(Capability asked) {
        return (purpose, library) -> asked.of(wanted, purpose, library) && !asked.of(approved, purpose, library);
    }

    /** Adds sentences for the purposes and libraries with more rights. */
    private void more(SyntheticCaller who, String what, More more) {
        Map<Set<String>, List<String>> purposes = new LinkedHashMap<>();
        Purpose.KNOWN.stream().sorted().forEach(purpose -> {
            Set<String> libraries = new TreeSet<>();
            who.libraries().stream()
                    .filter(library -> more.at(purpose, library))
                    .forEach(libraries::add);
            if (!libraries.isEmpty()) {
                purposes.computeIfAbsent(libraries, some -> new ArrayList<>()).add(purpose.name());
            }
        });
        purposes.forEach((libraries, names) -> sentences.add(
                who.words() + " " + what + " " + String.join(", ", names) + who.ofPatrons(libraries) + "."));
    }

    private static boolean opens(
            Policy policy, SyntheticCaller who, Purpose purpose, String library, Set<PatronField> fields) {
        return OPENING.stream()
                .filter(act -> act != Permission.VERIFY || purpose.equals(Purpose.ACCOUNT_SERVICE))
                .filter(act -> act != Permission.MAIL || Consent.MAILED.contains(purpose.name()))
                .anyMatch(act -> allowed(policy, FieldPolicy.Request.of(who.caller(), act, purpose, fields), library));
    }

    /** Whether the field is shown, opened or in results, masked or not. Verifying shows nothing. */
    private static boolean shows(
            Policy policy, SyntheticCaller who, Purpose purpose, String library, PatronField field, boolean whole) {
        Stream<RowGrant> opened = OPENING.stream()
                .filter(act -> act != Permission.VERIFY)
                .map(act -> FieldPolicy.Request.of(who.caller(), act, purpose, Set.of(field)))
                .flatMap(request -> shown(policy, request, library).stream());
        Stream<RowGrant> results =
                shown(policy, search(who, purpose), library)
                        .filter(shown -> shown.results().contains(field))
                        .stream();
        return Stream.concat(opened, results)
                .anyMatch(shown -> !whole || !shown.masked().contains(field));
    }

    private static FieldPolicy.Request search(SyntheticCaller who, Purpose purpose) {
        return FieldPolicy.Request.of(who.caller(), Permission.SEARCH, purpose, Set.of());
    }

    private static Optional<RowGrant> shown(Policy policy, FieldPolicy.Request request, String library) {
        return policy.fields().shown(new Grant(policy.fields(), request), request, Grant.ofLibrary(library));
    }

    private static boolean may(Policy policy, SyntheticCaller who, Permission act, String library) {
        return allowed(policy, FieldPolicy.Request.of(who.caller(), act), library);
    }

    private static boolean allowed(Policy policy, FieldPolicy.Request request, String library) {
        Optional<Grant.Row> row = library.equals(NOBODY) ? Optional.empty() : Optional.of(Grant.ofLibrary(library));
        return policy.fields().denial(request, row).isEmpty();
    }

    private void limits(LimitSettings before, LimitSettings after) {
        limit("opened patrons in ten minutes", before.openedTenMinutes(), after.openedTenMinutes());
        limit("opened patrons a day", before.openedDay(), after.openedDay());
        limit("names in results in ten minutes", before.namesTenMinutes(), after.namesTenMinutes());
        limit("names in results a day", before.namesDay(), after.namesDay());
        limit("searches in ten minutes", before.searchesTenMinutes(), after.searchesTenMinutes());
        limit("failed verifies of a patron an hour", before.failedVerifiesHour(), after.failedVerifiesHour());
        limit("erasures by one person a day", before.erasuresDay(), after.erasuresDay());
        limit("erasures by all people a day", before.erasuresInAllDay(), after.erasuresInAllDay());
    }

    private void limit(String what, int before, int after) {
        if (after > before) {
            sentences.add("The limit of " + what + " is " + after + " instead of " + before + ".");
        }
    }

    private void checks(EntitlementCheckPolicy before, EntitlementCheckPolicy after) {
        limit("checks of a card by a client a minute", before.cardMinute(), after.cardMinute());
        limit("checks by a client a minute", before.clientMinute(), after.clientMinute());
        limit("wrong PINs for a card in ten minutes", before.wrongPins(), after.wrongPins());
    }

    private void statistics(int before, int after) {
        if (after < before) {
            sentences.add("Statistics tell of " + after + " patrons and more instead of " + before + ".");
        }
    }

    /** A shorter retention means fewer misuses are found, so it counts as more. */
    private void accessLog(AccessLogPolicy before, AccessLogPolicy after) {
        if (after.isShorterThan(before)) {
            sentences.add(
                    "The access log says " + after.time() + " whom it was about instead of " + before.time() + ".");
        }
        if (after.reportNamesStaff() && !before.reportNamesStaff()) {
            sentences.add("A patron's report names staff by their names and not by what they do.");
        }
    }

    private void services() {
        for (String name : names(approved.serviceNames(), wanted.serviceNames())) {
            VendorService before = approved.service(name).orElse(VendorService.NOBODY);
            VendorService after = wanted.service(name).orElse(VendorService.NOBODY);
            sentences.addAll(after.widerThan(before, name));
        }
    }
}

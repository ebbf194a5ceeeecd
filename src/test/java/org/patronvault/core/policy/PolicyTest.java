package org.patronvault.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;

/**
 * Tests of the default policy against the tables of the contract, written out here by hand and not read from the file.
 */
final class PolicyTest {
    private static final String DEFAULT = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
    private static final Policy POLICY = PolicyFile.parse(PolicyFile.defaultText());
    private static final Set<PatronField> ALL = PatronField.personal();
    private static final String DESK =
            "checkout account-service registration hold-notice overdue-notice patron-request";
    private static final String ILS = "checkout account-service registration hold-notice overdue-notice";
    private static final String NOTICES = "hold-notice overdue-notice";
    private static final String CARD_TO_ADDRESS = "card name phone email address";

    /**
     * One line: the acts of a role or scope, their purposes, and the fields it opens, shows in results, and searches
     * by.
     */
    private record Line(
            String who,
            boolean scope,
            Set<Permission> may,
            Set<Purpose> purposes,
            Set<PatronField> opens,
            Set<PatronField> results,
            Set<PatronField> searches) {

        private static Line role(String who, String may, String purposes, String opens, String results, String by) {
            return of(who, false, may, purposes, opens, results, by);
        }

        private static Line scope(String who, String may, String purposes, String opens, String results, String by) {
            return of(who, true, may, purposes, opens, results, by);
        }

        private static Line of(
                String who, boolean scope, String may, String purposes, String opens, String results, String by) {
            return new Line(
                    who,
                    scope,
                    words(may).map(Permission::valueOf).collect(Collectors.toSet()),
                    words(purposes).map(Purpose::new).collect(Collectors.toSet()),
                    fields(opens),
                    fields(results),
                    fields(by));
        }

        private static Set<PatronField> fields(String names) {
            return words(names)
                    .map(name -> PatronField.ofWireName(name).orElseThrow())
                    .collect(Collectors.toSet());
        }

        private static Stream<String> words(String text) {
            return text.isEmpty() ? Stream.of() : Stream.of(text.split(" ", -1));
        }

        private Caller caller() {
            return scope
                    ? AccessTestVault.client(Set.of(who), Set.of(), Set.of(), OptionalInt.of(10_000))
                    : AccessTestVault.person("anna", who);
        }

        private Optional<Problem> expected(AccessRequest question) {
            if (!may.contains(question.permission())) {
                return Optional.of(Problem.NOT_ALLOWED);
            }
            if (!purposes.contains(question.purpose().orElseThrow())) {
                return Optional.of(Problem.PURPOSE_NOT_ALLOWED);
            }
            boolean fields = opens.containsAll(question.opens()) && searches.containsAll(question.searches());
            return fields ? Optional.empty() : Optional.of(Problem.FIELD_NOT_ALLOWED);
        }

        @Override
        public String toString() {
            return who;
        }
    }

    static Stream<Line> lines() {
        String desk = "SEARCH REVEAL VERIFY REGISTER CHANGE REPLACE_CARD CONSENT";
        return Stream.of(
                Line.role("circulation", desk, DESK, CARD_TO_ADDRESS, "name", CARD_TO_ADDRESS),
                Line.role(
                        "supervisor",
                        desk + " MERGE ERASE IMPORT PROTECT",
                        DESK,
                        CARD_TO_ADDRESS,
                        "name",
                        CARD_TO_ADDRESS),
                Line.role(
                        "director",
                        "SEARCH REVEAL VERIFY CONSENT ACCESSES PACKAGE EXPORT READ_LOG CHECKPOINT PROOF SEAL PROTECT STATISTICS POST_POLICY"
                                + " CASES APPROVE_CASES",
                        DESK,
                        CARD_TO_ADDRESS,
                        "name",
                        CARD_TO_ADDRESS),
                // Opening a patron's email address also needs that patron's consent: MailingsTest.
                Line.role("outreach", "MAIL", "newsletter fundraising", "email", "", "email"),
                Line.role(
                        "privacy-officer",
                        "SEARCH CONSENT ERASE RETENTION ACCESSES PACKAGE READ_LOG CHECKPOINT PROOF PROTECT CHECK LEAKAGE"
                                + " APPROVE_CASES",
                        "patron-request",
                        "",
                        "",
                        "card"),
                Line.role(
                        "custodian",
                        "KEYS ROTATE SEAL CUSTODY BACKUP RESTORE CHECKPOINT CHECK LEAKAGE",
                        "",
                        "",
                        "",
                        ""),
                Line.role("admin", "STAFF CLIENTS IMPORT BACKUP RESTORE CHECKPOINT CHECK", "", "", "", ""),
                Line.role("counsel", "COUNSEL", "", "", "", ""),
                Line.role("page", "", "", "", "", ""),
                Line.role("janitor", "", "", "", "", ""),
                Line.role("", "", "", "", "", ""),
                Line.scope(
                        "ils",
                        "SEARCH REVEAL REVEAL_MANY REGISTER CHANGE REPLACE_CARD READ_CHANGES",
                        ILS,
                        CARD_TO_ADDRESS,
                        "name",
                        CARD_TO_ADDRESS),
                Line.scope(
                        "notices",
                        "SEARCH REVEAL REVEAL_MANY",
                        NOTICES,
                        "name phone email",
                        "name",
                        "name phone email"),
                Line.scope("entitlement", "ENTITLEMENT", "", "", "", ""),
                Line.scope("statistics", "STATISTICS", "", "", "", ""),
                Line.scope("witness", "CHECKPOINT PROOF", "", "", "", ""),
                Line.scope("metrics", "METRICS", "", "", "", ""),
                Line.scope("circulation", "", "", "", "", ""));
    }

    private static Optional<Problem> ask(Caller caller, AccessRequest question) {
        Policy.Answer answer = POLICY.ask(caller, question);
        assertThat(answer.allowed()).isEqualTo(answer.refusal().isEmpty());
        return answer.refusal();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void actIsAllowedExactlyWhereTheTableSaysSo(Line line) {
        for (Permission permission : Permission.values()) {
            assertThat(ask(line.caller(), AccessRequest.may(permission)))
                    .as("%s, %s", line, permission)
                    .isEqualTo(line.may().contains(permission) ? Optional.empty() : Optional.of(Problem.NOT_ALLOWED));
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void everyPurposeAndSetOfFieldsIsAnsweredAsTheTableSays(Line line) {
        for (Permission permission : List.of(Permission.SEARCH, Permission.REVEAL, Permission.VERIFY)) {
            for (Purpose purpose : Purpose.KNOWN) {
                for (Set<PatronField> opens : everySetOf(PatronField.values())) {
                    AccessRequest question = AccessRequest.open(permission, purpose, opens);
                    assertThat(ask(line.caller(), question))
                            .as("%s, %s for %s: %s", line, permission, purpose, opens)
                            .isEqualTo(line.expected(question));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void packageAndExportOpenEverythingForTheirOwnPurposeAloneWhateverTheRuleOpens(Line line) {
        Map.of(Permission.PACKAGE, Purpose.PATRON_REQUEST, Permission.EXPORT, Purpose.EXPORT)
                .forEach((permission, own) -> {
                    for (Purpose purpose : Purpose.KNOWN) {
                        AccessRequest question = AccessRequest.open(permission, purpose, PatronField.personal());
                        Problem refusal =
                                line.may().contains(permission) ? Problem.PURPOSE_NOT_ALLOWED : Problem.NOT_ALLOWED;
                        boolean allowed = line.may().contains(permission) && purpose.equals(own);
                        assertThat(ask(line.caller(), question))
                                .as("%s, %s for %s", line, permission, purpose)
                                .isEqualTo(allowed ? Optional.empty() : Optional.of(refusal));
                        assertThat(!allowed
                                        || POLICY.masked(line.caller(), question)
                                                .isEmpty())
                                .isTrue();
                    }
                });
    }

    @Test
    void packageIsWholeWhateverIsMaskedAndOfProtectedPatronsTheDirectorsAloneAndOfOthersLibrariesWhereTheRuleSays() {
        Policy policy = PolicyFile.parse(DEFAULT.replace(
                        "    opens: []\n    results: []\n", "    opens: []\n    results: []\n    libraries: own\n")
                .replaceFirst(
                        "(  director:\n    may: \\[)[^]]*]\n",
                        "$1reveal, package, export]\n    masks: {phone: last-four}\n")
                .getBytes(StandardCharsets.UTF_8));
        AccessRequest all = AccessRequest.open(Permission.PACKAGE, Purpose.PATRON_REQUEST, PatronField.personal());
        Caller officer = AccessTestVault.person("anna", "privacy-officer");
        Caller director = AccessTestVault.person("dora", "director");
        String own = officer.actor().library();
        assertThat(policy.ask(officer, all.of(own)).allowed()).isTrue();
        assertThat(policy.ask(officer, all.of("ELSEWHERE")).refusal()).contains(Problem.NOT_ALLOWED);
        assertThat(policy.masked(director, all.of("ELSEWHERE"))).isEmpty();
        assertThat(policy.masked(
                        director,
                        AccessRequest.open(Permission.REVEAL, Purpose.PATRON_REQUEST, Set.of(PatronField.PHONE))
                                .of(own)))
                .contains(PatronField.PHONE);
        PatronRestrictions guarded = new PatronRestrictions(true, false);
        assertThat(policy.ask(officer, all.of(own, guarded)).refusal()).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(policy.ask(director, all.of(own, guarded)).allowed()).isTrue();
        PatronRestrictions withdrawn = new PatronRestrictions(false, true);
        assertThat(policy.ask(officer, all.of(own, withdrawn)).allowed()).isTrue();
        assertThat(policy.ask(
                                director,
                                AccessRequest.open(Permission.EXPORT, Purpose.EXPORT, PatronField.personal())
                                        .of(own, withdrawn))
                        .refusal())
                .contains(Problem.FIELD_NOT_ALLOWED);
    }

    @Test
    void scopeThatExportsOrPackagesOpensFields() {
        for (String act : List.of("package", "export")) {
            Policy policy = PolicyFile.parse(DEFAULT.replace("may: [entitlement]", "may: [entitlement, " + act + "]")
                    .getBytes(StandardCharsets.UTF_8));
            assertThat(policy.opensFields(Set.of("entitlement"))).as(act).isTrue();
        }
        assertThat(POLICY.opensFields(Set.of("entitlement"))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void searchingByFieldIsAnsweredAsTheTableSays(Line line) {
        for (Purpose purpose : Purpose.KNOWN) {
            for (Set<PatronField> by : everySetOf(PatronField.values())) {
                AccessRequest question =
                        AccessRequest.open(Permission.SEARCH, purpose, Set.of()).searchingBy(by);
                assertThat(ask(line.caller(), question))
                        .as("%s for %s by %s", line, purpose, by)
                        .isEqualTo(line.expected(question));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void resultsShowWhatTheTableSays(Line line) {
        assertThat(POLICY.results(line.caller(), AccessRequest.may(Permission.SEARCH)))
                .isEqualTo(line.results());
    }

    @ParameterizedTest
    @MethodSource("lines")
    void ownAndOtherLibraryAreAlike(Line line) {
        for (Permission permission : Permission.values()) {
            AccessRequest question = AccessRequest.may(permission);
            assertThat(ask(line.caller(), question.of("ELSEWHERE"))).isEqualTo(ask(line.caller(), question.of("NC")));
        }
    }

    private static List<Set<PatronField>> everySetOf(PatronField[] fields) {
        List<Set<PatronField>> sets = new ArrayList<>();
        for (int bits = 0; bits < 1 << fields.length; bits++) {
            Set<PatronField> set = EnumSet.noneOf(PatronField.class);
            for (int i = 0; i < fields.length; i++) {
                if ((bits & 1 << i) != 0) {
                    set.add(fields[i]);
                }
            }
            sets.add(set);
        }
        return sets;
    }

    @Test
    void openingWithoutPurposeIsRefused() {
        AccessRequest question = new AccessRequest(
                Permission.REVEAL,
                Optional.empty(),
                Set.of(PatronField.PHONE),
                Set.of(),
                Optional.empty(),
                PatronRestrictions.PLAIN);
        assertThat(ask(AccessTestVault.person("anna", "circulation"), question)).contains(Problem.PURPOSE_REQUIRED);
        assertThat(ask(AccessTestVault.person("anna", "page"), question)).contains(Problem.NOT_ALLOWED);
    }

    @Test
    void clientIsNarrowedToItsFields() {
        Caller narrowed = AccessTestVault.client(
                Set.of("ils"), Set.of(PatronField.NAME, PatronField.EMAIL), Set.of(), OptionalInt.empty());
        for (PatronField field : ALL) {
            boolean within = field == PatronField.NAME || field == PatronField.EMAIL;
            Optional<Problem> expected = within ? Optional.empty() : Optional.of(Problem.FIELD_NOT_ALLOWED);
            AccessRequest open = AccessRequest.open(Permission.REVEAL, new Purpose("checkout"), Set.of(field));
            AccessRequest by = AccessRequest.open(Permission.SEARCH, new Purpose("checkout"), Set.of())
                    .searchingBy(Set.of(field));
            assertThat(ask(narrowed, open)).as("open %s", field).isEqualTo(expected);
            assertThat(ask(narrowed, by)).as("search by %s", field).isEqualTo(expected);
        }
        assertThat(POLICY.results(narrowed, AccessRequest.may(Permission.SEARCH)))
                .containsExactly(PatronField.NAME);
    }

    @Test
    void narrowingNeverWidens() {
        Caller asksForMore = AccessTestVault.client(
                Set.of("notices"),
                ALL,
                Set.of(Purpose.ACCOUNT_SERVICE, new Purpose("hold-notice")),
                OptionalInt.empty());
        assertThat(ask(
                        asksForMore,
                        AccessRequest.open(Permission.REVEAL, new Purpose("hold-notice"), Set.of(PatronField.ADDRESS))))
                .contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(ask(
                        asksForMore,
                        AccessRequest.open(Permission.REVEAL, Purpose.ACCOUNT_SERVICE, Set.of(PatronField.NAME))))
                .contains(Problem.PURPOSE_NOT_ALLOWED);
    }

    @Test
    void clientNarrowedAwayFromResultNamesShowsNone() {
        Caller phonesOnly =
                AccessTestVault.client(Set.of("ils"), Set.of(PatronField.PHONE), Set.of(), OptionalInt.empty());
        assertThat(POLICY.results(phonesOnly, AccessRequest.may(Permission.SEARCH)))
                .isEmpty();
    }

    @Test
    void clientIsNarrowedToItsPurposes() {
        Caller narrowed = AccessTestVault.client(
                Set.of("ils"), Set.of(), Set.of(new Purpose("hold-notice")), OptionalInt.empty());
        for (Purpose purpose : Purpose.KNOWN) {
            assertThat(ask(narrowed, AccessRequest.open(Permission.REVEAL, purpose, Set.of(PatronField.NAME))))
                    .as("for %s", purpose)
                    .isEqualTo(
                            purpose.name().equals("hold-notice")
                                    ? Optional.empty()
                                    : Optional.of(Problem.PURPOSE_NOT_ALLOWED));
        }
    }

    @Test
    void twoScopesAllowWhatEitherAllowsAndNoMixtureOfBoth() {
        Policy policy = PolicyFile.parse("""
                version: "1"
                roles: {}
                scopes:
                  mail: {may: [reveal], purposes: [hold-notice], opens: [email]}
                  post: {may: [reveal, search], purposes: [overdue-notice], opens: [address]}
                limits:
                  opened: {tenMinutes: 1, day: 1}
                  names: {tenMinutes: 1, day: 1}
                  searches: {tenMinutes: 1}
                  failedVerifies: {hour: 1}
                """.getBytes(StandardCharsets.UTF_8));
        Caller both = AccessTestVault.client(Set.of("mail", "post"), Set.of(), Set.of(), OptionalInt.empty());
        Purpose hold = new Purpose("hold-notice");
        Purpose overdue = new Purpose("overdue-notice");
        Set<PatronField> email = Set.of(PatronField.EMAIL);
        Set<PatronField> address = Set.of(PatronField.ADDRESS);

        assertThat(policy.ask(both, AccessRequest.open(Permission.REVEAL, hold, email))
                        .allowed())
                .isTrue();
        assertThat(policy.ask(both, AccessRequest.open(Permission.REVEAL, overdue, address))
                        .allowed())
                .isTrue();
        assertThat(policy.ask(both, AccessRequest.open(Permission.REVEAL, hold, address))
                        .refusal())
                .contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(policy.ask(both, AccessRequest.open(Permission.SEARCH, hold, email))
                        .refusal())
                .contains(Problem.PURPOSE_NOT_ALLOWED);
        assertThat(policy.ask(both, AccessRequest.may(Permission.ERASE)).refusal())
                .contains(Problem.NOT_ALLOWED);
    }

    @Test
    void clientWithoutScopeMayDoNothing() {
        Caller none = AccessTestVault.client(Set.of(), Set.of(), Set.of(), OptionalInt.of(1));
        for (Permission permission : Permission.values()) {
            assertThat(ask(none, AccessRequest.may(permission))).contains(Problem.NOT_ALLOWED);
        }
    }

    @Test
    void roleOfOwnLibraryOnlyLooksAtNoOther() {
        String text = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replaceFirst("  circulation:\n", "  circulation:\n    libraries: own\n");
        Policy policy = PolicyFile.parse(text.getBytes(StandardCharsets.UTF_8));
        AccessRequest question =
                AccessRequest.open(Permission.REVEAL, Purpose.ACCOUNT_SERVICE, Set.of(PatronField.PHONE));
        Caller clerk = AccessTestVault.person("anna", "circulation");

        assertThat(policy.ask(clerk, question.of("NC")).allowed()).isTrue();
        assertThat(policy.ask(clerk, question.of("WL")).refusal()).contains(Problem.NOT_ALLOWED);
        assertThat(policy.ask(clerk, question.of("")).refusal()).contains(Problem.NOT_ALLOWED);
        assertThat(policy.ask(AccessTestVault.person("bob", "supervisor"), question.of("WL"))
                        .allowed())
                .isTrue();
    }

    /** A small policy with everything in it, of which one role is {@code rule}. */
    private static Policy with(String rule) {
        return PolicyFile.parse("""
                version: "1"
                roles:
                  desk: RULE
                scopes: {}
                limits:
                  opened: {tenMinutes: 1, day: 1}
                  names: {tenMinutes: 1, day: 1}
                  searches: {tenMinutes: 1}
                  failedVerifies: {hour: 1}
                """.replace("RULE", rule).getBytes(StandardCharsets.UTF_8));
    }

    private static final Caller DESK_PERSON = AccessTestVault.person("anna", "desk");
    private static final Purpose CHECKOUT = new Purpose("checkout");
    private static final Purpose HOLD = new Purpose("hold-notice");

    private static Optional<Problem> reveal(Policy policy, Purpose purpose, PatronField field, String library) {
        return policy.ask(
                        DESK_PERSON,
                        AccessRequest.open(Permission.REVEAL, purpose, Set.of(field))
                                .of(library))
                .refusal();
    }

    @Test
    void fieldIsOpenedForThePurposesItIsNamedUnderAndNoOther() {
        Policy policy = with("{may: [search, reveal], purposes: [checkout, hold-notice],"
                + " opens: {checkout: [card], hold-notice: [phone]}, results: {checkout: [name]}}");
        assertThat(reveal(policy, CHECKOUT, PatronField.CARD, "NC")).isEmpty();
        assertThat(reveal(policy, HOLD, PatronField.CARD, "NC")).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(reveal(policy, HOLD, PatronField.PHONE, "WL")).isEmpty();
        assertThat(reveal(policy, CHECKOUT, PatronField.PHONE, "WL")).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(policy.results(DESK_PERSON, AccessRequest.open(Permission.SEARCH, CHECKOUT, Set.of())))
                .containsExactly(PatronField.NAME);
        assertThat(policy.results(DESK_PERSON, AccessRequest.open(Permission.SEARCH, HOLD, Set.of())))
                .isEmpty();
        // A field may be searched by for a purpose if it may be opened for that purpose.
        AccessRequest byPhone =
                AccessRequest.open(Permission.SEARCH, CHECKOUT, Set.of()).searchingBy(Set.of(PatronField.PHONE));
        assertThat(policy.ask(DESK_PERSON, byPhone).refusal()).contains(Problem.FIELD_NOT_ALLOWED);
    }

    @Test
    void elsewhereHoldsForPatronsOfAnotherLibraryAndWhatItDoesNotSayIsAsForOwn() {
        Policy policy = with("{may: [search, reveal], purposes: [checkout], opens: [card, phone], results: [name],"
                + " masks: {phone: last-four}, elsewhere: {opens: [phone, email]}}");
        assertThat(reveal(policy, CHECKOUT, PatronField.CARD, "NC")).isEmpty();
        assertThat(reveal(policy, CHECKOUT, PatronField.CARD, "WL")).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(reveal(policy, CHECKOUT, PatronField.EMAIL, "WL")).isEmpty();
        assertThat(reveal(policy, CHECKOUT, PatronField.EMAIL, "NC")).contains(Problem.FIELD_NOT_ALLOWED);
        for (String library : List.of("NC", "WL")) {
            AccessRequest asked = AccessRequest.open(Permission.REVEAL, CHECKOUT, Set.of(PatronField.PHONE))
                    .of(library);
            assertThat(policy.masked(DESK_PERSON, asked)).contains(PatronField.PHONE);
            assertThat(policy.results(
                            DESK_PERSON, AccessRequest.may(Permission.SEARCH).of(library)))
                    .containsExactly(PatronField.NAME);
        }
    }

    @Test
    void beforeThePatronIsKnownNoMixtureOfOwnAndElsewhereIsAllowed() {
        Policy policy =
                with("{may: [reveal], purposes: [checkout], opens: [card, phone], elsewhere: {opens: [email]}}");
        assertThat(policy.ask(DESK_PERSON, AccessRequest.open(Permission.REVEAL, CHECKOUT, Set.of(PatronField.EMAIL)))
                        .allowed())
                .isTrue();
        assertThat(policy.ask(
                                DESK_PERSON,
                                AccessRequest.open(
                                        Permission.REVEAL, CHECKOUT, Set.of(PatronField.EMAIL, PatronField.CARD)))
                        .refusal())
                .contains(Problem.FIELD_NOT_ALLOWED);
    }

    @Test
    void whoHasNoLibraryHasOnlyElsewhere() {
        Policy policy = with("{may: [reveal], purposes: [checkout], opens: [card], elsewhere: {opens: []}}");
        Caller nowhere = Caller.person(
                new org.patronvault.core.model.Actor(org.patronvault.core.model.Actor.Kind.STAFF, "anna", "desk", ""));
        AccessRequest card = AccessRequest.open(Permission.REVEAL, CHECKOUT, Set.of(PatronField.CARD));
        assertThat(policy.ask(nowhere, card).refusal()).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(policy.ask(nowhere, card.of("NC")).refusal()).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(policy.ask(DESK_PERSON, card).allowed()).isTrue();
    }

    @Test
    void maskedIsWhatNoRuleThatAllowsItShowsWhole() {
        Policy policy = PolicyFile.parse("""
                version: "1"
                roles: {}
                scopes:
                  part: {may: [reveal], purposes: [checkout], opens: [phone, email], masks: {phone: last-four}}
                  whole: {may: [reveal], purposes: [hold-notice], opens: [phone]}
                limits:
                  opened: {tenMinutes: 1, day: 1}
                  names: {tenMinutes: 1, day: 1}
                  searches: {tenMinutes: 1}
                  failedVerifies: {hour: 1}
                """.getBytes(StandardCharsets.UTF_8));
        Caller both = AccessTestVault.client(Set.of("part", "whole"), Set.of(), Set.of(), OptionalInt.empty());
        Set<PatronField> phone = Set.of(PatronField.PHONE);
        assertThat(policy.masked(both, AccessRequest.open(Permission.REVEAL, CHECKOUT, phone)))
                .contains(PatronField.PHONE);
        assertThat(policy.masked(both, AccessRequest.open(Permission.REVEAL, HOLD, phone)))
                .doesNotContain(PatronField.PHONE);
        assertThat(policy.masked(both, AccessRequest.open(Permission.REVEAL, CHECKOUT, Set.of(PatronField.EMAIL))))
                .doesNotContain(PatronField.EMAIL);
        assertThat(policy.masked(both, AccessRequest.open(Permission.REVEAL_MANY, HOLD, phone)))
                .as("what is not allowed")
                .isEqualTo(PatronField.personal());
    }
}

package org.patronvault.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;

/**
 * Tests of the default policy, and of the one of 0.1.0 that older homes keep, against the tables of the contract,
 * written out here by hand and not read from the files.
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
     * The rules of one edition of the default policy for the desk and for the library system. All others are alike in both.
     * Fields are a list for every purpose, or a list for each; a field of which results show a part ends with an
     * ellipsis.
     */
    private record Edition(String version, Policy policy, String desk, String ils, String results) {}

    private static final Edition RELEASE_0_1_0 =
            new Edition("2018-05", PolicyFile.parse(release010()), CARD_TO_ADDRESS, CARD_TO_ADDRESS, "name");

    private static final Edition NEW_HOMES = new Edition(
            "2026-12",
            POLICY,
            "account-service: card name phone email address; registration: card name phone email address;"
                    + " patron-request: card name phone email address; checkout: card name;"
                    + " hold-notice: name phone email; overdue-notice: name phone email address",
            "account-service: card name phone email address; registration: card name phone email address;"
                    + " checkout: card name; hold-notice: name phone email; overdue-notice: name phone email address",
            "name card…");

    /** The policy of the home that 0.1.0 made. */
    private static byte[] release010() {
        try (ZipInputStream in = new ZipInputStream(PolicyTest.class.getResourceAsStream("/released/0.1.0.zip"))) {
            ZipEntry entry = in.getNextEntry();
            while (!entry.getName().equals("home/policy.yaml")) {
                entry = in.getNextEntry();
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One line: the acts of a role or scope, their purposes, and the fields it opens, shows in results, and searches
     * by.
     *
     * @param parts those of the results of which a part is shown
     */
    private record Line(
            Edition edition,
            String who,
            boolean scope,
            Set<Permission> may,
            Set<Purpose> purposes,
            Map<Purpose, Set<PatronField>> opens,
            Set<PatronField> results,
            Set<PatronField> parts,
            Map<Purpose, Set<PatronField>> searches) {

        private static Line role(
                Edition edition, String who, String may, String purposes, String opens, String results, String by) {
            return of(edition, who, false, may, purposes, opens, results, by);
        }

        private static Line scope(
                Edition edition, String who, String may, String purposes, String opens, String results, String by) {
            return of(edition, who, true, may, purposes, opens, results, by);
        }

        private static Line of(
                Edition edition,
                String who,
                boolean scope,
                String may,
                String purposes,
                String opens,
                String results,
                String by) {
            Set<Purpose> named = words(purposes).map(Purpose::new).collect(Collectors.toSet());
            return new Line(
                    edition,
                    who,
                    scope,
                    words(may).map(Permission::valueOf).collect(Collectors.toSet()),
                    named,
                    byPurpose(opens, named),
                    fields(words(results).map(word -> word.replace("…", ""))),
                    fields(words(results).filter(word -> word.endsWith("…")).map(word -> word.replace("…", ""))),
                    byPurpose(by, named));
        }

        private static Map<Purpose, Set<PatronField>> byPurpose(String text, Set<Purpose> purposes) {
            if (!text.contains(":")) {
                return purposes.stream().collect(Collectors.toMap(purpose -> purpose, purpose -> fields(words(text))));
            }
            return Stream.of(text.split("; ", -1))
                    .map(one -> one.split(": ", -1))
                    .collect(Collectors.toMap(one -> new Purpose(one[0]), one -> fields(words(one[1]))));
        }

        private static Set<PatronField> fields(Stream<String> names) {
            return names.map(name -> PatronField.ofWireName(name).orElseThrow()).collect(Collectors.toSet());
        }

        private static Stream<String> words(String text) {
            return text.isEmpty() ? Stream.of() : Stream.of(text.split(" ", -1));
        }

        private Policy policy() {
            return edition.policy();
        }

        private Caller caller() {
            return scope
                    ? AccessTestVault.client(Set.of(who), Set.of(), Set.of(), OptionalInt.of(10_000))
                    : AccessTestVault.person("anna", who);
        }

        private Optional<Problem> expected(FieldPolicy.Request question) {
            if (!may.contains(question.act())) {
                return Optional.of(Problem.NOT_ALLOWED);
            }
            Purpose purpose = question.purpose().orElseThrow();
            if (!purposes.contains(purpose)) {
                return Optional.of(Problem.PURPOSE_NOT_ALLOWED);
            }
            boolean fields = opens.get(purpose).containsAll(question.opens())
                    && searches.get(purpose).containsAll(question.searches());
            return fields ? Optional.empty() : Optional.of(Problem.FIELD_NOT_ALLOWED);
        }

        @Override
        public String toString() {
            return edition.version() + " " + who;
        }
    }

    static Stream<Line> lines() {
        return Stream.of(RELEASE_0_1_0, NEW_HOMES).flatMap(PolicyTest::lines);
    }

    private static Stream<Line> lines(Edition edition) {
        String desk = "SEARCH REVEAL VERIFY REGISTER CHANGE REPLACE_CARD CONSENT";
        return Stream.of(
                Line.role(edition, "circulation", desk, DESK, edition.desk(), edition.results(), edition.desk()),
                Line.role(
                        edition,
                        "supervisor",
                        desk + " MERGE ERASE IMPORT PROTECT",
                        DESK,
                        edition.desk(),
                        edition.results(),
                        edition.desk()),
                Line.role(
                        edition,
                        "director",
                        "SEARCH REVEAL VERIFY CONSENT ACCESSES PACKAGE EXPORT READ_LOG CHECKPOINT PROOF SEAL PROTECT STATISTICS POST_POLICY"
                                + " CASES APPROVE_CASES",
                        DESK,
                        edition.desk(),
                        edition.results(),
                        edition.desk()),
                // Opening a patron's email address also needs that patron's consent: MailingsTest.
                Line.role(edition, "outreach", "MAIL", "newsletter fundraising", "email", "", "email"),
                Line.role(
                        edition,
                        "privacy-officer",
                        "SEARCH CONSENT ERASE RETENTION ACCESSES PACKAGE READ_LOG CHECKPOINT PROOF PROTECT CHECK LEAKAGE"
                                + " APPROVE_CASES",
                        "patron-request",
                        "",
                        "",
                        "card"),
                Line.role(
                        edition,
                        "custodian",
                        "KEYS ROTATE SEAL CUSTODY BACKUP RESTORE CHECKPOINT CHECK LEAKAGE",
                        "",
                        "",
                        "",
                        ""),
                Line.role(edition, "admin", "STAFF CLIENTS IMPORT BACKUP RESTORE CHECKPOINT CHECK", "", "", "", ""),
                Line.role(edition, "counsel", "COUNSEL", "", "", "", ""),
                Line.role(edition, "page", "", "", "", "", ""),
                Line.role(edition, "janitor", "", "", "", "", ""),
                Line.role(edition, "", "", "", "", "", ""),
                Line.scope(
                        edition,
                        "ils",
                        "SEARCH REVEAL REVEAL_MANY REGISTER CHANGE REPLACE_CARD READ_CHANGES",
                        ILS,
                        edition.ils(),
                        edition.results(),
                        edition.ils()),
                Line.scope(
                        edition,
                        "notices",
                        "SEARCH REVEAL REVEAL_MANY",
                        NOTICES,
                        "name phone email",
                        "name",
                        "name phone email"),
                Line.scope(edition, "entitlement", "ENTITLEMENT", "", "", "", ""),
                Line.scope(edition, "statistics", "STATISTICS", "", "", "", ""),
                Line.scope(edition, "witness", "CHECKPOINT PROOF", "", "", "", ""),
                Line.scope(edition, "metrics", "METRICS", "", "", "", ""),
                Line.scope(edition, "circulation", "", "", "", "", ""));
    }

    private static FieldPolicy.Request may(Caller caller, Permission act) {
        return FieldPolicy.Request.of(caller, act);
    }

    private static FieldPolicy.Request open(Caller caller, Permission act, Purpose purpose, Set<PatronField> fields) {
        return FieldPolicy.Request.of(caller, act, purpose, fields);
    }

    /** The refusal of a request of whose patron nothing is known; a grant says the same. */
    private static Optional<Problem> refusal(Policy policy, FieldPolicy.Request request) {
        Optional<Problem> refusal =
                policy.fields().denial(request, Optional.empty()).map(FieldPolicy.Denial::problem);
        assertThat(problem(() -> policy.fields().grant(request))).isEqualTo(refusal);
        return refusal;
    }

    private static Optional<Problem> refusal(Policy policy, FieldPolicy.Request request, String library) {
        return refusal(policy, request, library, PatronRestrictions.PLAIN);
    }

    /** The refusal of a request for a patron; a grant says the same. */
    private static Optional<Problem> refusal(
            Policy policy, FieldPolicy.Request request, String library, PatronRestrictions restrictions) {
        Grant.Row row = row(library, restrictions);
        Optional<Problem> refusal =
                policy.fields().denial(request, Optional.of(row)).map(FieldPolicy.Denial::problem);
        Grant grant = new Grant(policy.fields(), request);
        assertThat(grant.allows(row)).isEqualTo(refusal.isEmpty());
        assertThat(problem(() -> grant.of(row))).isEqualTo(refusal);
        return refusal;
    }

    private static Optional<Problem> problem(ThrowableAssert.ThrowingCallable asked) {
        return catchThrowable(asked) == null ? Optional.empty() : Optional.of(Refusals.problemOf(asked));
    }

    private static Grant.Row row(String library, PatronRestrictions restrictions) {
        return new Grant.Row() {
            @Override
            public String library() {
                return library;
            }

            @Override
            public PatronRestrictions restrictions() {
                return restrictions;
            }
        };
    }

    private static RowGrant shown(Policy policy, FieldPolicy.Request request, String library) {
        return policy.fields().grant(request).of(Grant.ofLibrary(library));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void actIsAllowedExactlyWhereTheTableSaysSo(Line line) {
        for (Permission permission : Permission.values()) {
            assertThat(refusal(line.policy(), may(line.caller(), permission)))
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
                    FieldPolicy.Request question = open(line.caller(), permission, purpose, opens);
                    assertThat(refusal(line.policy(), question))
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
                        FieldPolicy.Request question = open(line.caller(), permission, purpose, ALL);
                        Problem refusal =
                                line.may().contains(permission) ? Problem.PURPOSE_NOT_ALLOWED : Problem.NOT_ALLOWED;
                        boolean allowed = line.may().contains(permission) && purpose.equals(own);
                        assertThat(refusal(line.policy(), question))
                                .as("%s, %s for %s", line, permission, purpose)
                                .isEqualTo(allowed ? Optional.empty() : Optional.of(refusal));
                        if (allowed) {
                            assertThat(shown(line.policy(), question, "NC").masked())
                                    .isEmpty();
                        }
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
        Caller officer = AccessTestVault.person("anna", "privacy-officer");
        Caller director = AccessTestVault.person("dora", "director");
        FieldPolicy.Request officers = open(officer, Permission.PACKAGE, Purpose.PATRON_REQUEST, ALL);
        FieldPolicy.Request directors = open(director, Permission.PACKAGE, Purpose.PATRON_REQUEST, ALL);
        String own = officer.actor().library();
        assertThat(refusal(policy, officers, own)).isEmpty();
        assertThat(refusal(policy, officers, "ELSEWHERE")).contains(Problem.NOT_ALLOWED);
        assertThat(shown(policy, directors, "ELSEWHERE").masked()).isEmpty();
        assertThat(shown(
                                policy,
                                open(director, Permission.REVEAL, Purpose.PATRON_REQUEST, Set.of(PatronField.PHONE)),
                                own)
                        .masked())
                .contains(PatronField.PHONE);
        PatronRestrictions guarded = new PatronRestrictions(true, false);
        assertThat(refusal(policy, officers, own, guarded)).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(refusal(policy, directors, own, guarded)).isEmpty();
        PatronRestrictions withdrawn = new PatronRestrictions(false, true);
        assertThat(refusal(policy, officers, own, withdrawn)).isEmpty();
        assertThat(refusal(policy, open(director, Permission.EXPORT, Purpose.EXPORT, ALL), own, withdrawn))
                .contains(Problem.FIELD_NOT_ALLOWED);
    }

    @Test
    void scopeThatExportsOrPackagesOpensFields() {
        for (String act : List.of("package", "export")) {
            Policy policy = PolicyFile.parse(DEFAULT.replace("may: [entitlement]", "may: [entitlement, " + act + "]")
                    .getBytes(StandardCharsets.UTF_8));
            assertThat(policy.fields().opensFields(Set.of("entitlement")))
                    .as(act)
                    .isTrue();
        }
        assertThat(POLICY.fields().opensFields(Set.of("entitlement"))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void searchingByFieldIsAnsweredAsTheTableSays(Line line) {
        for (Purpose purpose : Purpose.KNOWN) {
            for (Set<PatronField> by : everySetOf(PatronField.values())) {
                FieldPolicy.Request question = open(line.caller(), Permission.SEARCH, purpose, Set.of())
                        .searchingBy(by);
                assertThat(refusal(line.policy(), question))
                        .as("%s for %s by %s", line, purpose, by)
                        .isEqualTo(line.expected(question));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void resultsShowWhatTheTableSays(Line line) {
        if (line.may().contains(Permission.SEARCH)) {
            for (Purpose purpose : line.purposes()) {
                RowGrant shown = shown(line.policy(), open(line.caller(), Permission.SEARCH, purpose, Set.of()), "NC");
                assertThat(shown.results()).as("%s for %s", line, purpose).isEqualTo(line.results());
                assertThat(line.results().stream().filter(shown.masked()::contains))
                        .as("%s for %s, in part", line, purpose)
                        .containsExactlyInAnyOrderElementsOf(line.parts());
                assertThat(shown.isNameOnly()).as("%s for %s", line, purpose).isTrue();
            }
        } else {
            assertThat(line.results()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void ownAndOtherLibraryAreAlike(Line line) {
        for (Permission permission : Permission.values()) {
            FieldPolicy.Request question = may(line.caller(), permission);
            assertThat(refusal(line.policy(), question, "ELSEWHERE")).isEqualTo(refusal(line.policy(), question, "NC"));
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
        for (String role : List.of("circulation", "page")) {
            FieldPolicy.Request question = new FieldPolicy.Request(
                    AccessTestVault.person("anna", role),
                    Permission.REVEAL,
                    Optional.empty(),
                    Set.of(PatronField.PHONE),
                    Set.of());
            assertThat(refusal(POLICY, question))
                    .contains(role.equals("page") ? Problem.NOT_ALLOWED : Problem.PURPOSE_REQUIRED);
        }
    }

    @Test
    void clientIsNarrowedToItsFields() {
        Caller narrowed = AccessTestVault.client(
                Set.of("ils"), Set.of(PatronField.NAME, PatronField.EMAIL), Set.of(), OptionalInt.empty());
        for (PatronField field : ALL) {
            boolean within = field == PatronField.NAME || field == PatronField.EMAIL;
            Optional<Problem> expected = within ? Optional.empty() : Optional.of(Problem.FIELD_NOT_ALLOWED);
            FieldPolicy.Request by = open(narrowed, Permission.SEARCH, Purpose.ACCOUNT_SERVICE, Set.of())
                    .searchingBy(Set.of(field));
            assertThat(refusal(POLICY, open(narrowed, Permission.REVEAL, Purpose.ACCOUNT_SERVICE, Set.of(field))))
                    .as("open %s", field)
                    .isEqualTo(expected);
            assertThat(refusal(POLICY, by)).as("search by %s", field).isEqualTo(expected);
        }
        assertThat(shown(POLICY, open(narrowed, Permission.SEARCH, Purpose.ACCOUNT_SERVICE, Set.of()), "NC")
                        .results())
                .containsExactly(PatronField.NAME);
    }

    @Test
    void narrowingNeverWidens() {
        Caller asksForMore = AccessTestVault.client(
                Set.of("notices"),
                ALL,
                Set.of(Purpose.ACCOUNT_SERVICE, new Purpose("hold-notice")),
                OptionalInt.empty());
        assertThat(refusal(
                        POLICY,
                        open(asksForMore, Permission.REVEAL, new Purpose("hold-notice"), Set.of(PatronField.ADDRESS))))
                .contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(refusal(
                        POLICY,
                        open(asksForMore, Permission.REVEAL, Purpose.ACCOUNT_SERVICE, Set.of(PatronField.NAME))))
                .contains(Problem.PURPOSE_NOT_ALLOWED);
    }

    @Test
    void clientNarrowedAwayFromResultNamesShowsNone() {
        Caller phonesOnly =
                AccessTestVault.client(Set.of("ils"), Set.of(PatronField.PHONE), Set.of(), OptionalInt.empty());
        assertThat(shown(POLICY, open(phonesOnly, Permission.SEARCH, Purpose.ACCOUNT_SERVICE, Set.of()), "NC")
                        .results())
                .isEmpty();
    }

    @Test
    void clientIsNarrowedToItsPurposes() {
        Caller narrowed = AccessTestVault.client(
                Set.of("ils"), Set.of(), Set.of(new Purpose("hold-notice")), OptionalInt.empty());
        for (Purpose purpose : Purpose.KNOWN) {
            assertThat(refusal(POLICY, open(narrowed, Permission.REVEAL, purpose, Set.of(PatronField.NAME))))
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

        assertThat(refusal(policy, open(both, Permission.REVEAL, hold, email))).isEmpty();
        assertThat(refusal(policy, open(both, Permission.REVEAL, overdue, address)))
                .isEmpty();
        assertThat(refusal(policy, open(both, Permission.REVEAL, hold, address)))
                .contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(refusal(policy, open(both, Permission.SEARCH, hold, email))).contains(Problem.PURPOSE_NOT_ALLOWED);
        assertThat(refusal(policy, may(both, Permission.ERASE))).contains(Problem.NOT_ALLOWED);
    }

    @Test
    void clientWithoutScopeMayDoNothing() {
        Caller none = AccessTestVault.client(Set.of(), Set.of(), Set.of(), OptionalInt.of(1));
        for (Permission permission : Permission.values()) {
            assertThat(refusal(POLICY, may(none, permission))).contains(Problem.NOT_ALLOWED);
        }
    }

    @Test
    void roleOfOwnLibraryOnlyLooksAtNoOther() {
        String text = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replaceFirst("  circulation:\n", "  circulation:\n    libraries: own\n");
        Policy policy = PolicyFile.parse(text.getBytes(StandardCharsets.UTF_8));
        Caller clerk = AccessTestVault.person("anna", "circulation");
        Caller supervisor = AccessTestVault.person("bob", "supervisor");
        Set<PatronField> phone = Set.of(PatronField.PHONE);
        FieldPolicy.Request clerks = open(clerk, Permission.REVEAL, Purpose.ACCOUNT_SERVICE, phone);
        FieldPolicy.Request supervisors = open(supervisor, Permission.REVEAL, Purpose.ACCOUNT_SERVICE, phone);

        assertThat(refusal(policy, clerks, "NC")).isEmpty();
        assertThat(refusal(policy, clerks, "WL")).contains(Problem.NOT_ALLOWED);
        assertThat(refusal(policy, clerks, "")).contains(Problem.NOT_ALLOWED);
        assertThat(refusal(policy, supervisors, "WL")).isEmpty();
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
        return refusal(policy, open(DESK_PERSON, Permission.REVEAL, purpose, Set.of(field)), library);
    }

    @Test
    void fieldIsOpenedForThePurposesItIsNamedUnderAndNoOther() {
        Policy policy = with("{may: [search, reveal], purposes: [checkout, hold-notice],"
                + " opens: {checkout: [card], hold-notice: [phone]}, results: {checkout: [name]}}");
        assertThat(reveal(policy, CHECKOUT, PatronField.CARD, "NC")).isEmpty();
        assertThat(reveal(policy, HOLD, PatronField.CARD, "NC")).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(reveal(policy, HOLD, PatronField.PHONE, "WL")).isEmpty();
        assertThat(reveal(policy, CHECKOUT, PatronField.PHONE, "WL")).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(shown(policy, open(DESK_PERSON, Permission.SEARCH, CHECKOUT, Set.of()), "NC")
                        .results())
                .containsExactly(PatronField.NAME);
        assertThat(shown(policy, open(DESK_PERSON, Permission.SEARCH, HOLD, Set.of()), "NC")
                        .results())
                .isEmpty();
        // A field may be searched by for a purpose if it may be opened for that purpose.
        FieldPolicy.Request byPhone =
                open(DESK_PERSON, Permission.SEARCH, CHECKOUT, Set.of()).searchingBy(Set.of(PatronField.PHONE));
        assertThat(refusal(policy, byPhone)).contains(Problem.FIELD_NOT_ALLOWED);
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
            FieldPolicy.Request asked = open(DESK_PERSON, Permission.REVEAL, CHECKOUT, Set.of(PatronField.PHONE));
            assertThat(shown(policy, asked, library).masked()).contains(PatronField.PHONE);
            assertThat(shown(policy, open(DESK_PERSON, Permission.SEARCH, CHECKOUT, Set.of()), library)
                            .results())
                    .containsExactly(PatronField.NAME);
        }
    }

    @Test
    void beforeThePatronIsKnownNoMixtureOfOwnAndElsewhereIsAllowed() {
        Policy policy =
                with("{may: [reveal], purposes: [checkout], opens: [card, phone], elsewhere: {opens: [email]}}");
        Set<PatronField> email = Set.of(PatronField.EMAIL);
        Set<PatronField> both = Set.of(PatronField.EMAIL, PatronField.CARD);
        assertThat(refusal(policy, open(DESK_PERSON, Permission.REVEAL, CHECKOUT, email)))
                .isEmpty();
        assertThat(refusal(policy, open(DESK_PERSON, Permission.REVEAL, CHECKOUT, both)))
                .contains(Problem.FIELD_NOT_ALLOWED);
    }

    @Test
    void whoHasNoLibraryHasOnlyElsewhere() {
        Policy policy = with("{may: [reveal], purposes: [checkout], opens: [card], elsewhere: {opens: []}}");
        Caller nowhere = Caller.person(
                new org.patronvault.core.model.Actor(org.patronvault.core.model.Actor.Kind.STAFF, "anna", "desk", ""));
        Set<PatronField> card = Set.of(PatronField.CARD);
        FieldPolicy.Request asked = open(nowhere, Permission.REVEAL, CHECKOUT, card);
        assertThat(refusal(policy, asked)).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(refusal(policy, asked, "NC")).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(refusal(policy, open(DESK_PERSON, Permission.REVEAL, CHECKOUT, card)))
                .isEmpty();
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
        assertThat(shown(policy, open(both, Permission.REVEAL, CHECKOUT, phone), "NC")
                        .masked())
                .contains(PatronField.PHONE);
        assertThat(shown(policy, open(both, Permission.REVEAL, HOLD, phone), "NC")
                        .masked())
                .doesNotContain(PatronField.PHONE);
        assertThat(shown(policy, open(both, Permission.REVEAL, CHECKOUT, Set.of(PatronField.EMAIL)), "NC")
                        .masked())
                .doesNotContain(PatronField.EMAIL);
    }

    @Test
    void maskedResultIsWholeWhereTheFieldWasAskedFor() {
        Policy policy = with("{may: [search], purposes: [checkout, hold-notice], opens: {checkout: [card]},"
                + " results: [name, card: last-four]}");
        RowGrant unasked = shown(policy, open(DESK_PERSON, Permission.SEARCH, CHECKOUT, Set.of()), "NC");
        assertThat(unasked.results()).containsExactlyInAnyOrder(PatronField.NAME, PatronField.CARD);
        assertThat(unasked.masked()).contains(PatronField.CARD).doesNotContain(PatronField.NAME);
        assertThat(unasked.isNameOnly()).isTrue();
        RowGrant asked = shown(policy, open(DESK_PERSON, Permission.SEARCH, CHECKOUT, Set.of(PatronField.CARD)), "NC");
        assertThat(asked.masked()).doesNotContain(PatronField.CARD);
        assertThat(asked.isNameOnly()).isFalse();
        assertThat(shown(policy, open(DESK_PERSON, Permission.SEARCH, HOLD, Set.of()), "NC")
                        .masked())
                .contains(PatronField.CARD);
    }

    @Test
    void onlyAProtectedPatronIsWithheld() {
        Policy policy = with("{may: [search], purposes: [checkout], opens: [phone], libraries: own}");
        Grant grant = policy.fields()
                .grantSearch(DESK_PERSON, CHECKOUT, Set.of(PatronField.PHONE), Set.of())
                .openingNothing();
        PatronRestrictions guarded = new PatronRestrictions(true, false);
        assertThat(grant.isWithheld(row("NC", guarded))).isTrue();
        assertThat(grant.isWithheld(row("NC", PatronRestrictions.PLAIN))).isFalse();
        assertThat(grant.isWithheld(row("WL", guarded))).isFalse();
    }
}

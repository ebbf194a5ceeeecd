package org.patronvault.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.Refusals;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests that a file is accepted as a whole or not at all, and that a refusal never repeats its text. */
final class PolicyFileTest {
    private static final String DEFAULT = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
    private static final String CANARY = "zyzzyva";

    private static Policy parse(String text) {
        return PolicyFile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The default with one part written otherwise. */
    private static String with(String part, String instead) {
        assertThat(DEFAULT).contains(part);
        return DEFAULT.replace(part, instead);
    }

    private static void assertRefused(String text) {
        Refused refused = Refusals.refusedBy(() -> parse(text));
        assertThat(refused.problem()).isEqualTo(Problem.INVALID);
        assertThat(refused)
                .hasMessageStartingWith("policy.yaml ")
                .hasMessageEndingWith(".")
                .hasMessageNotContaining("\n");
        assertThat(refused.getMessage()).doesNotContain(CANARY);
    }

    @Test
    void defaultSaysWhatTheContractSays() {
        Policy policy = parse(DEFAULT);
        assertThat(policy.version()).isEqualTo("2026-12");
        assertThat(policy.posted()).isEqualTo("2018-05");
        assertThat(policy.fields().roleNames())
                .containsExactly(
                        "admin",
                        "circulation",
                        "counsel",
                        "custodian",
                        "director",
                        "outreach",
                        "page",
                        "privacy-officer",
                        "supervisor");
        assertThat(policy.limits()).isEqualTo(new LimitSettings(60, 300, 1_000, 5_000, 300, 10, 20, 60));
        assertThat(policy.service("ebooks")).isPresent();
        assertThat(policy.service("films")).isPresent();
        assertThat(policy.service("games")).isEmpty();
        assertThat(policy.service("ebooks").orElseThrow().libraries()).isEmpty();
        assertThat(policy.service("ebooks").orElseThrow().categories()).isEmpty();
    }

    @Test
    void fileIsReadLikeItsText(@TempDir Path home) throws IOException {
        Path file = Files.write(home.resolve("policy.yaml"), PolicyFile.defaultText());
        assertThat(PolicyFile.read(file).fields().roleNames())
                .isEqualTo(parse(DEFAULT).fields().roleNames());
        assertThat(Refusals.problemOf(() -> PolicyFile.read(home.resolve("absent.yaml"))))
                .isEqualTo(Problem.INVALID);
    }

    @Test
    void fileLargerThanAnyPolicyIsRefused(@TempDir Path home) throws IOException {
        byte[] text = Arrays.copyOf(PolicyFile.defaultText(), 256 * 1024 + 1);
        Arrays.fill(text, PolicyFile.defaultText().length, text.length, (byte) '\n');
        Path file = Files.write(home.resolve("policy.yaml"), text);
        assertThat(PolicyFile.check(file).faults())
                .extracting(PolicyFile.Fault::sentence)
                .containsExactly("policy.yaml cannot be read, or is larger than 256 KiB.");
        Files.write(file, Arrays.copyOf(text, 256 * 1024));
        assertThat(PolicyFile.read(file).version()).isEqualTo("2026-12");
    }

    @Test
    void logSaysForTwoYearsWhomItWasAboutAndNamesRolesUnlessTheFileSaysOtherwise() {
        AccessLogPolicy shipped = new AccessLogPolicy(OptionalInt.of(24), false);
        assertThat(parse(DEFAULT).accessLog()).isEqualTo(shipped);
        assertThat(parse(with("retention:\n  accessLog: 24", "")).accessLog()).isEqualTo(shipped);
        assertThat(parse(with("  accessLog: 24", "  {}")).accessLog()).isEqualTo(shipped);
        assertThat(parse(with("accessReport:\n  staff: roles", "")).accessLog()).isEqualTo(shipped);
        assertThat(parse(with("  staff: roles", "  {}")).accessLog()).isEqualTo(shipped);
        for (int months : new int[] {12, 13, 1_200}) {
            assertThat(parse(with("accessLog: 24", "accessLog: " + months))
                            .accessLog()
                            .months())
                    .hasValue(months);
        }
        assertThat(parse(with("accessLog: 24", "accessLog: forever"))
                        .accessLog()
                        .months())
                .isEmpty();
        assertThat(parse(with("staff: roles", "staff: names")).accessLog().reportNamesStaff())
                .isTrue();
    }

    @Test
    void statisticsTellNothingOfFewerThanTenUnlessTheFileSaysOtherwise() {
        assertThat(parse(DEFAULT).statisticsFloor()).isEqualTo(10);
        assertThat(parse(with("statistics:\n  floor: 10", "")).statisticsFloor())
                .isEqualTo(10);
        assertThat(parse(with("  floor: 10", "  {}")).statisticsFloor()).isEqualTo(10);
        for (int floor : new int[] {3, 11, 1_000}) {
            assertThat(parse(with("floor: 10", "floor: " + floor)).statisticsFloor())
                    .isEqualTo(floor);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "most: 100000 | most: 0",
                "most: 100000 | most: 1000001",
                "most: 100000 | most: \"100000\"",
                "alone: 500 | alone: 0",
                "alone: 500 | alone: none",
                "alone: 500 | zyzzyva: 500",
            })
    void mailingsOfNoSizeRefuseTheWholeFile(String part, String instead) {
        assertThatThrownBy(() -> parse(with(part, instead)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("mailings")
                .hasMessageNotContaining("zyzzyva");
    }

    @Test
    void mailingsAreOfTheShippedSizeUnlessTheFileSaysOtherwise() {
        assertThat(parse(DEFAULT).mailings()).isEqualTo(new MailingPolicy(100_000, 500));
        assertThat(parse(with("  most: 100000\n  alone: 500", "  {}")).mailings())
                .isEqualTo(new MailingPolicy(100_000, 500));
        assertThat(parse(with("most: 100000", "most: 20")).mailings()).isEqualTo(new MailingPolicy(20, 500));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "floor: 10 | floor: 2",
                "floor: 10 | floor: 0",
                "floor: 10 | floor: -10",
                "floor: 10 | floor: 1001",
                "floor: 10 | floor: 99999999999999999999",
                "floor: 10 | floor: 10.5",
                "floor: 10 | floor: \"10\"",
                "floor: 10 | floor: zyzzyva",
                "floor: 10 | floor:",
                "floor: 10 | floor: [10]",
                "floor: 10 | zyzzyva: 10",
                "'  floor: 10' | '  10'",
            })
    void floorThatIsNoneRefusesTheWholeFile(String part, String instead) {
        assertRefused(with(part, instead));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "accessLog: 24 | accessLog: 11",
                "accessLog: 24 | accessLog: 0",
                "accessLog: 24 | accessLog: -24",
                "accessLog: 24 | accessLog: 1201",
                "accessLog: 24 | accessLog: 99999999999999999999",
                "accessLog: 24 | accessLog: 24.5",
                "accessLog: 24 | accessLog: \"24\"",
                "accessLog: 24 | accessLog: zyzzyva",
                "accessLog: 24 | accessLog:",
                "accessLog: 24 | accessLog: [24]",
                "accessLog: 24 | zyzzyva: 24",
                "'  accessLog: 24' | '  24'",
                "staff: roles | staff: zyzzyva",
                "staff: roles | staff:",
                "staff: roles | staff: [roles]",
                "staff: roles | zyzzyva: roles",
                "'  staff: roles' | '  roles'",
            })
    void retentionOrReportOfOtherThanItsWordsRefusesTheWholeFile(String part, String instead) {
        assertRefused(with(part, instead));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: \"2026-12\"  | version: \"2026-12\"\\nzyzzyva: 1",
                "version: \"2026-12\"  | title: none",
                "version: \"2026-12\"  | version: 7",
                "version: \"2026-12\"  | 'version: \"2018\\u001b[31m zyzzyva\"'",
                "ebooks: {}             | '\"e\\u001bbooks\": {}'",
                "ebooks: {}             | 'ebooks: {libraries: [\"zyzzyva library\"]}'",
                "    may: [keys,        | 'zyzzyva: []\\n    may: [keys,'",
                "may: [keys,            | may: [zyzzyva,",
                "[newsletter,           | [zyzzyva,",
                "[newsletter,           | [Zyzzyva zyzzyva,",
                "[newsletter,           | [reindex,",
                "[newsletter,           | [import,",
                "[newsletter,           | [check,",
                "[name, phone, email]   | [name, zyzzyva]",
                "[name, phone, email]   | [name, meta]",
                "[name, phone, email]   | [name, labels]",
                "[name, phone, email]   | [name, Phone]",
                "[name, phone, email]   | [name, 7]",
                "[name, phone, email]   | [name, {zyzzyva: phone}]",
                "[name, phone, email]   | name",
                "[name, phone, email]   | {name: true}",
                "[name, phone, email]   | ~",
                "searches: [card]       | searches: card",
                "searches: [card]       | libraries: zyzzyva",
                "searches: [card]       | libraries: [own]",
                "searches: [card]       | libraries:",
                "searches: [card]       | opens: {zyzzyva: [card]}",
                "searches: [card]       | opens: {reindex: [card]}",
                "searches: [card]       | results: {checkout: [card]}",
                "searches: [card]       | results: {patron-request: card}",
                "searches: [card]       | results: {patron-request: [zyzzyva]}",
                "searches: [card]       | results: {patron-request: [card], patron-request: [name]}",
                "searches: [card]       | masks: {card: zyzzyva}",
                "searches: [card]       | masks: {card: domain}",
                "searches: [card]       | masks: {zyzzyva: last-four}",
                "searches: [card]       | masks: {meta: last-four}",
                "searches: [card]       | masks: [card]",
                "searches: [card]       | masks: {card: }",
                "searches: [card]       | masks: {card: [last-four]}",
                "searches: [card]       | elsewhere: {zyzzyva: [card]}",
                "searches: [card]       | elsewhere: {searches: [card]}",
                "searches: [card]       | elsewhere: {elsewhere: {}}",
                "searches: [card]       | elsewhere: [card]",
                "searches: [card]       | elsewhere:",
                "searches: [card]       | 'libraries: own\n    elsewhere: {}'",
                "searches: [card]       | 'searches: &zyzzyva [card]\n    masks: *zyzzyva'",
                "[newsletter,           | [&newsletter newsletter, *newsletter,",
                "version: \"2026-12\"  | version: \"2026-12\"\\nsecondFactor: [zyzzyva]",
                "version: \"2026-12\"  | version: \"2026-12\"\\nsecondFactor: director",
                "  custodian:           | '  Custodian:'",
                "  custodian:           | '  cust odian:'",
                "  custodian:           | '  supervisor:'",
            })
    void wordItDoesNotKnowRefusesTheWholeFile(String part, String instead) {
        String asWritten = instead == null ? "" : instead.replace("\\n", "\n");
        assertRefused(with(part, asWritten));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "opened: {tenMinutes: 0, day: 300}",
                "opened: {tenMinutes: -1, day: 300}",
                "opened: {tenMinutes: 60}",
                "opened: {tenMinutes: 60, day: 300, hour: 5}",
                "opened: {tenMinutes: 60, day: none}",
                "opened: {tenMinutes: 60.5, day: 300}",
                "opened: {tenMinutes: \"60\", day: 300}",
                "opened: {tenMinutes: 60, day: 99999999999}",
                "opened: {tenMinutes: 60, day: 300, day: 400}",
                "opened: 60",
                "zyzzyva: 1\n  opened: {tenMinutes: 60, day: 300}"
            })
    void badLimitRefusesTheWholeFile(String limit) {
        assertRefused(with("opened: {tenMinutes: 60, day: 300}", limit));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ebooks: {librarys: [NC]}",
                "ebooks: {categories: [zyzzyva]}",
                "ebooks: {categories: adult}",
                "ebooks: {libraries: [12]}",
                "ebooks: {libraries: []}",
                "ebooks: {clients: []}",
                "ebooks: {clients: ['no name!']}",
                "ebooks: {graceDays: -1}",
                "ebooks: {graceDays: 367}",
                "ebooks: {graceDays: '7'}",
                "ebooks: {blocked: true}",
                "ebooks: {blocked: perhaps}",
                "ebooks: {tells: [unknown]}",
                "ebooks: {tells: expired}",
                "ebooks: [NC]",
                "ebooks:"
            })
    void misspeltServiceRefusesTheWholeFileAndOpensToNobodyElse(String service) {
        assertRefused(with("ebooks: {}", service));
    }

    @ParameterizedTest
    @ValueSource(strings = {"roles:", "scopes:", "limits:"})
    void partThatIsNoSetOfMembersRefusesTheWholeFile(String part) {
        int at = DEFAULT.indexOf("\n" + part + "\n");
        int next = DEFAULT.indexOf("\n\n", at);
        assertRefused(DEFAULT.substring(0, at) + "\n" + part + " [zyzzyva]\n" + DEFAULT.substring(next));
        assertRefused(DEFAULT.substring(0, at) + "\n" + DEFAULT.substring(next));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "   ", "# nothing", "[]", "zyzzyva", "42", "{", "a: b: zyzzyva", "\tzyzzyva: 1", "\u0000"})
    void whatIsNoPolicyIsRefused(String text) {
        assertRefused(text);
    }

    @Test
    void everyMistakeIsToldWithItsLineAndWithoutItsWords(@TempDir Path home) throws IOException {
        String text = DEFAULT.replace("searches: [card]", "searches: [zyzzyva]")
                .replace("may: [keys,", "may: [zyzzyva,")
                .replace("{tenMinutes: 300}", "{tenMinutes: zyzzyva}");
        PolicyFile.Result checked = PolicyFile.check(Files.writeString(home.resolve("policy.yaml"), text));

        assertThat(checked.policy()).isEmpty();
        assertThat(checked.faults())
                .extracting(PolicyFile.Fault::sentence)
                .containsExactly(
                        "policy.yaml has a word it does not know in searches (line " + lineOf("searches: [card]")
                                + ").",
                        "policy.yaml has a word it does not know in may (line " + lineOf("may: [keys,") + ").",
                        "policy.yaml must give every limit as a whole number above 0: searches.tenMinutes (line "
                                + lineOf("{tenMinutes: 300}") + ").");
    }

    private static long lineOf(String part) {
        return DEFAULT.substring(0, DEFAULT.indexOf(part)).lines().count();
    }

    @Test
    void nestingWithoutEndIsRefused() {
        assertRefused("[".repeat(100_000));
        assertRefused("a:\n" + "- ".repeat(100_000) + "b");
    }

    @Test
    void secondDocumentIsRefusedAndNotPassedOver() {
        assertRefused(DEFAULT + "\n---\nversion: zyzzyva\n");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        byte[] text = DEFAULT.getBytes(StandardCharsets.UTF_8);
        text[DEFAULT.indexOf("circulation:")] = (byte) 0xC3;
        assertThat(Refusals.problemOf(() -> PolicyFile.parse(text))).isEqualTo(Problem.INVALID);
    }

    @Test
    void anyByteChangedIsReadOrRefusedAndNothingElse() {
        Random random = new Random(20_181_124);
        for (int i = 0; i < 400; i++) {
            byte[] text = PolicyFile.defaultText();
            text[random.nextInt(text.length)] = (byte) random.nextInt(256);
            Throwable thrown = catchThrowable(() -> PolicyFile.parse(text));
            assertThat(thrown == null || thrown instanceof Refused)
                    .as("change %d: %s", i, thrown)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cardMinute: 600 | cardMinute: 0",
                "cardMinute: 600 | cardMinute: 1000001",
                "clientMinute: 600 | clientMinute: none",
                "wrongPins: 50 | wrongPins: 1001",
                "wrongPins: 50 | zyzzyva: 50",
            })
    void checksOfNoNumberRefuseTheWholeFile(String part, String instead) {
        assertThatThrownBy(() -> parse(with(part, instead)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("checks")
                .hasMessageNotContaining("zyzzyva");
    }

    @Test
    void checksAreAsManyAsShippedUnlessTheFileSaysOtherwise() {
        EntitlementCheckPolicy shipped = new EntitlementCheckPolicy(600, 600, 50);
        assertThat(parse(DEFAULT).checks()).isEqualTo(shipped);
        assertThat(parse(with("  cardMinute: 600\n  clientMinute: 600\n  wrongPins: 50", "  {}"))
                        .checks())
                .isEqualTo(shipped);
        assertThat(parse(with("wrongPins: 50", "wrongPins: 5")).checks())
                .isEqualTo(new EntitlementCheckPolicy(600, 600, 5));
    }

    @Test
    void serviceSaysWhoIsEntitledWhoMayAskAndWhatIsTold() {
        Policy policy = parse(with(
                "ebooks: {}", "ebooks: {graceDays: 14, blocked: served, tells: [expired], clients: [Hoopla, kanopy]}"));
        VendorService ebooks = policy.service("ebooks").orElseThrow();
        assertThat(ebooks.isFor("hoopla")).isTrue();
        assertThat(ebooks.isFor("another")).isFalse();
        assertThat(ebooks.tells()).containsExactly(NotEntitledReason.EXPIRED);
        assertThat(ebooks.words())
                .containsExactly(
                        "is open to libraries of every code, categories of every kind",
                        "for 14 days after expiry",
                        "to who is blocked too",
                        "tells the vendor expired apart from unknown",
                        "may be asked about by hoopla, kanopy");
        assertThat(policy.service("films").orElseThrow().words())
                .containsExactly("is open to libraries of every code, categories of every kind");
    }

    @Test
    void serviceIsNarrowedByLibraryAndCategory() {
        Policy policy = parse(with("ebooks: {}", "ebooks: {libraries: [NC, WL], categories: [adult]}"));
        VendorService ebooks = policy.service("ebooks").orElseThrow();
        assertThat(ebooks.libraries()).containsExactlyInAnyOrder("NC", "WL");
        assertThat(ebooks.categories()).containsExactly("adult");
    }

    @Test
    void rolesThatNeedASecondFactorAreNoneUntilNamed() {
        assertThat(parse(DEFAULT).secondFactor()).isEmpty();
        assertThat(parse(with("secondFactor: []", "")).secondFactor()).isEmpty();
        assertThat(parse(with("secondFactor: []", "secondFactor: [admin, director]"))
                        .secondFactor())
                .containsExactlyInAnyOrder("admin", "director");
    }

    @Test
    void groupsOfAProviderGiveRolesInTheOrderOfTheFile() {
        assertThat(parse(DEFAULT).signOn().roles(List.of("desk"))).isEmpty();
        assertThat(parse(with("signOn: {}", "")).signOn().groups()).isEmpty();
        SignOnPolicy signOn = parse(with("signOn: {}", "signOn: {b: [supervisor, page], a: [page, circulation]}"))
                .signOn();
        assertThat(signOn.roles(List.of("a", "x", "b"))).containsExactly("supervisor", "page", "circulation");
        assertThat(signOn.roles(List.of("A"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "signOn: [desk]",
                "signOn: desk",
                "signOn: {desk: circulation}",
                "signOn: {desk: [zyzzyva]}",
                "signOn: {desk: [12]}",
                "signOn: {'': [page]}",
                "signOn: {desk: {page: true}}"
            })
    void signOnOfOtherThanItsRolesRefusesTheWholeFile(String said) {
        assertRefused(with("signOn: {}", said));
    }

    @ParameterizedTest
    @ValueSource(strings = {"director", "custodian", "privacy-officer", "admin"})
    void noProviderGivesAPowerfulRole(String role) {
        assertThatThrownBy(() -> parse(with("signOn: {}", "signOn: {chiefs: [page, " + role + "]}")))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("no provider gives these, two people do, by `staff grant` (line ")
                .hasMessageNotContaining("chiefs");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secondFactor: [zyzzyva]",
                "secondFactor: admin",
                "secondFactor: {admin: true}",
                "secondFactor: [12]",
                "secondFactor:"
            })
    void secondFactorOfOtherThanItsRolesRefusesTheWholeFile(String asked) {
        assertRefused(with("secondFactor: []", asked));
    }
}

package org.patronvault.access.posted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.Refusals;
import org.patronvault.core.policy.PolicyFile;

/** Tests of the texts that can be posted as a policy version (P12), and of their files. */
final class PostedPolicyTest {
    private static final LocalDate TODAY = LocalDate.parse("2026-11-24");
    private static final Pattern CLAUSE = Pattern.compile("\\bP[0-9]+\\b");
    private static final List<String> CLAUSES =
            IntStream.rangeClosed(1, 12).mapToObj(number -> "P" + number).toList();
    private static final String FILE = """
            ---
            version: "2024-01"
            approved: 2024-01-15
            next review: 2027-01-15
            ---
            # Privacy

            We keep what you read to ourselves.
            """;

    private static PostedPolicy parse(String file) {
        return PostedFile.parse(file.getBytes(StandardCharsets.UTF_8), TODAY);
    }

    private static PostedPolicy of(String text) {
        return PostedPolicy.of("2024-01", "2024-01-15", "2027-01-15", text, TODAY);
    }

    @Test
    void aFileSaysVersionDaysAndText() {
        PostedPolicy policy = parse(FILE);
        assertThat(policy)
                .isEqualTo(new PostedPolicy(
                        "2024-01",
                        LocalDate.parse("2024-01-15"),
                        LocalDate.parse("2027-01-15"),
                        "# Privacy\n\nWe keep what you read to ourselves.\n"));
        // sha256sum of these lines
        assertThat(policy.digest()).isEqualTo("e40130644c64b233c08e694d90591814de9515139414936860f53d6b1e95cad7");
        assertThat(parse(new String(PostedFile.write(policy), StandardCharsets.UTF_8)))
                .isEqualTo(policy);
    }

    @Test
    void howLinesEndIsNoDifference() {
        assertThat(parse("\ufeff" + FILE.replace("\n", "\r\n") + "\r\n\r\n")).isEqualTo(parse(FILE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: \"2024-01\" | version: 2024 | version must be text",
                "version: \"2024-01\" | version: \"../../x\" | version must be 1 to 40 lower-case",
                "version: \"2024-01\" | version: \"Plan A\" | version must be 1 to 40 lower-case",
                "approved: 2024-01-15 | approved: soon | approved must be a date",
                "approved: 2024-01-15 | approved: 2024-02-30 | approved must be a date",
                "approved: 2024-01-15 | approved: 2026-11-26 | approved must not be in the future",
                "approved: 2024-01-15 | approved: 1969-12-31 | approved must not be in the future, nor before 1970",
                "next review: 2027-01-15 | next review: 2024-01-15 | next review must be after approved",
                "next review: 2027-01-15 | author: me | stand version, approved and next review",
                "next review: 2027-01-15 | approved: 2027-01-15 | nothing is said twice",
                "next review: 2027-01-15 | next review: [2027-01-15] | next review must be a date",
                "We keep what you read to ourselves. | {{library}} and {{secret}} | placeholder the vault does not know",
            })
    void whatBreaksARuleIsRefusedWithTheRule(String was, String is, String rule) {
        assertThat(FILE).contains(was);
        String changed = FILE.replace(was, is);
        String told = Refusals.refusedBy(() -> parse(changed)).getMessage();
        assertThat(told).contains(rule).doesNotContain("Plan A", "secret", "soon");
    }

    @Test
    void approvedTomorrowIsTakenSinceItMayBeTomorrowThere() {
        assertThat(parse(FILE.replace("approved: 2024-01-15", "approved: 2026-11-25"))
                        .approved())
                .isEqualTo(TODAY.plusDays(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "---", "---\n---\n", "# Privacy\n", "---\nversion: \"1\"\n"})
    void aFileWithoutItsHeadIsRefused(String file) {
        assertThat(Refusals.refusedBy(() -> parse(file)).getMessage()).contains("version, approved and next review");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\u202eb", "a\rb", "a\u00adb", "a\ud800b"})
    void whatNobodySeesIsRefused(String text) {
        assertThat(Refusals.refusedBy(() -> of(text)).getMessage()).contains("control characters");
    }

    @Test
    void aTextIsNeitherEmptyNorLongerThanItMayBe() {
        assertThat(Refusals.refusedBy(() -> of(" \n ")).getMessage()).contains("empty");
        assertThat(of("a".repeat(PostedPolicy.MAX_TEXT_BYTES - 1)).text()).hasSize(PostedPolicy.MAX_TEXT_BYTES);
        assertThat(Refusals.refusedBy(() -> of("a".repeat(PostedPolicy.MAX_TEXT_BYTES)))
                        .getMessage())
                .contains("48 KiB");
        assertThat(Refusals.refusedBy(() -> of("a\n".repeat(PostedPolicy.MAX_LINES + 1)))
                        .getMessage())
                .contains("2,000 lines");
    }

    @Test
    void placeholdersAreFilledOrToldInGeneral() {
        PostedPolicy policy = of("Ask {{contact}} of {{library}}; {{law}}.");
        Placeholders words = new Placeholders(Map.of("library", "Elm $1 \\Library"));
        assertThat(policy.filled(words)).isEqualTo("Ask the library's director of Elm $1 \\Library; the law.\n");
        assertThat(words.unfilled(policy)).containsExactly("law", "contact");
        assertThat(words.unfilled(of("Ask {{library}}."))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"2026-11-15,LATER", "2026-11-16,NEAR", "2027-01-15,NEAR", "2027-01-16,OVERDUE"})
    void theReviewIsNearFromSixtyDaysBefore(LocalDate day, PostedPolicy.Review review) {
        assertThat(parse(FILE).review(day)).isEqualTo(review);
    }

    @Test
    void theDefaultPolicyIsLookedAtWithinAYear() {
        PostedPolicy policy = PostedFile.parse(PostedFile.defaultText(TODAY), TODAY);
        assertThat(policy.version())
                .isEqualTo(PolicyFile.parse(PolicyFile.defaultText()).posted());
        assertThat(policy.nextReview()).isEqualTo(TODAY.plusYears(1));
        assertThat(Placeholders.NONE.unfilled(policy)).isEqualTo(Placeholders.NAMES);
    }

    @Test
    void headingsOfTheDefaultCarryEachClauseOnce() {
        String headings = String.join(
                "\n",
                PostedFile.parse(PostedFile.defaultText(TODAY), TODAY)
                        .text()
                        .lines()
                        .filter(line -> line.startsWith("#"))
                        .toList());
        assertThat(clauses(headings)).containsExactlyInAnyOrderElementsOf(CLAUSES);
    }

    @Test
    void everyClauseThatIsCitedIsOneOfTheDefault() throws IOException {
        List<Path> citing = new ArrayList<>(List.of(
                Path.of("README.md"),
                Path.of("src/main/resources/openapi.yaml"),
                Path.of("src/main/resources/org/patronvault/core/policy/policy.yaml"),
                Path.of("src/main/resources/org/patronvault/web/texts.properties")));
        citing.addAll(below("src/site/markdown", ".md"));
        citing.addAll(below("src/main/java", ".java"));
        int cited = 0;
        for (Path file : citing) {
            List<String> clauses = clauses(Files.readString(file));
            assertThat(clauses).as("clauses that %s cites", file).isSubsetOf(CLAUSES);
            cited += clauses.size();
        }
        assertThat(cited).isGreaterThan(50);
    }

    @Test
    void examplesOfTheInterfaceNameTheDigestOfTheDefault() throws IOException {
        assertThat(Files.readString(Path.of("src/main/resources/openapi.yaml")))
                .contains("digest: "
                        + PostedFile.parse(PostedFile.defaultText(TODAY), TODAY).digest());
    }

    private static List<String> clauses(String text) {
        return CLAUSE.matcher(text).results().map(MatchResult::group).toList();
    }

    private static List<Path> below(String directory, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}

package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.ImportRow.Accepted;
import org.patronvault.patron.record.ImportRow.RefusedRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.record.PatronJsonTest;
import org.patronvault.patron.record.TransferredState;
import org.patronvault.search.Phones;

final class VaultJsonlTest {
    private static final Consent CONSENT =
            new Consent(Consent.SERVICE, "2018-05", LocalDate.of(2020, 1, 2), "import", true);
    private static final ImportOptions TERMS = new ImportOptions(Optional.of("NC"), CONSENT);

    private final PatronJson json = new PatronJson(new Phones("US"));

    @TempDir
    Path directory;

    private List<ImportRow> rows(String text) {
        return all(reader(text.getBytes(StandardCharsets.UTF_8)));
    }

    private VaultJsonl reader(byte[] bytes) {
        return new VaultJsonl(new ByteArrayInputStream(bytes), json, TERMS);
    }

    private static List<ImportRow> all(PatronReader reader) {
        List<ImportRow> rows = new ArrayList<>();
        for (Optional<ImportRow> row = reader.next(); row.isPresent(); row = reader.next()) {
            rows.add(row.get());
        }
        return rows;
    }

    private static String patron(String card, String members) {
        return "{\"card\":\"" + card + "\",\"name\":{\"family\":\"Ng\"}" + members + "}";
    }

    @Test
    void exportedDraftComesBackTheSame() {
        ObjectNode line = PatronJsonTest.example();
        ((ObjectNode) line.get("consent")).put("given", "2019-03-04");
        PatronDraft draft = json.parse(line);
        ObjectNode written = json.write(draft).put("registered", "2018-10");
        Accepted row = (Accepted) rows(written + "\n").get(0);
        assertThat(row.draft()).isEqualTo(draft.completed(CONSENT, Optional.of(YearMonth.of(2018, 10))));
        assertThat(row.draft().consent().orElseThrow().on()).isEqualTo(LocalDate.of(2019, 3, 4));
        assertThat(row.dropped()).isEmpty();
    }

    @Test
    void formerCardsProtectionAndAllThatWasConsentedToComeAlong() {
        String more = ",\"formerCards\":[\"2 1\",\"3\"],\"protected\":true,\"consents\":["
                + "{\"purpose\":\"newsletter\",\"given\":false,\"policy\":\"2012\",\"on\":\"2013-01-01\",\"channel\":\"web\"},"
                + "{\"purpose\":\"service\",\"given\":true,\"policy\":\"2012\",\"on\":\"2013-01-02\",\"channel\":\"desk\","
                + "\"by\":\"kim\"}]";
        Accepted row = (Accepted) rows(patron("1", more)).get(0);
        assertThat(row.dropped()).isEmpty();
        assertThat(row.cards()).containsExactly("1", "21", "3");
        assertThat(row.brought().isProtected()).isTrue();
        assertThat(row.brought().consents(CONSENT, "anna").history())
                .containsExactly(
                        new Consent("newsletter", "2012", LocalDate.of(2013, 1, 1), "web", "anna", false),
                        new Consent("service", "2012", LocalDate.of(2013, 1, 2), "desk", "kim", true));
        Accepted plain = (Accepted) rows(patron("1", "")).get(0);
        assertThat(plain.brought()).isEqualTo(TransferredState.NOTHING);
        assertThat(plain.brought().consents(CONSENT, "anna").history()).containsExactly(CONSENT.takenBy("anna"));
    }

    private static String said(String members) {
        return ",\"consents\":[{\"purpose\":\"service\",\"given\":true,\"policy\":\"2012\",\"on\":\"2013-01-02\","
                + "\"channel\":\"desk\"" + members + "}]";
    }

    static Stream<Arguments> wronglyBrought() {
        String distinct = IntStream.range(0, 60)
                .mapToObj(i -> "{\"purpose\":\"newsletter\",\"given\":true,\"policy\":\"2012\",\"on\":\"2013-01-02\","
                        + "\"channel\":\"c" + i + "\",\"by\":\"k" + i + "\"}")
                .collect(java.util.stream.Collectors.joining(","));
        return Stream.of(
                Arguments.of(",\"formerCards\":\"2\"", "type-wrong"),
                Arguments.of(",\"formerCards\":[\"2!\"]", "card-invalid"),
                Arguments.of(",\"formerCards\":[\"9\"]", "card-invalid"),
                Arguments.of(",\"formerCards\":[\"1\",\"2\",\"3\",\"4\"]", "too-many"),
                Arguments.of(",\"protected\":\"yes\"", "type-wrong"),
                Arguments.of(",\"consents\":{}", "consent-malformed"),
                Arguments.of(",\"consents\":[1]", "consent-malformed"),
                Arguments.of(",\"consents\":[{}]", "consent-malformed"),
                Arguments.of(said(",\"by\":\"Kim Canary\""), "consent-malformed"),
                Arguments.of(said("").replace("service", "gossip"), "consent-malformed"),
                Arguments.of(said("").replace("2013", "2999"), "consent-malformed"),
                Arguments.of(said("").replace("2013-01-02", "yesterday"), "consent-malformed"),
                Arguments.of(said("").replace("true", "\"true\""), "consent-malformed"),
                Arguments.of(said("").replace("true", "false"), "consent-withdrawn"),
                Arguments.of(",\"consents\":[" + distinct + "]", "too-long"),
                Arguments.of(",\"consents\":[" + (distinct + "," + distinct) + "]", "consent-malformed"));
    }

    @ParameterizedTest
    @MethodSource("wronglyBrought")
    void whatIsBroughtAndCannotBeRefusesTheRowAlone(String members, String reason) {
        List<ImportRow> rows = rows(patron("9", members) + "\n" + patron("10", ""));
        assertThat(rows.get(0))
                .isInstanceOfSatisfying(
                        RefusedRow.class, row -> assertThat(row.reason()).isEqualTo(reason));
        assertThat(rows.get(1)).isInstanceOf(Accepted.class);
    }

    @Test
    void markBlankLinesAndLineEndsArePassedOverAndCounted() {
        List<ImportRow> rows =
                rows("\ufeff" + patron("1", "") + "\r\n\n  \r\n" + patron("2", "") + "\n\n" + patron("3", ""));
        assertThat(rows).extracting(ImportRow::line).containsExactly(1L, 4L, 6L);
        assertThat(rows).allMatch(Accepted.class::isInstance);
    }

    @Test
    void termsFillInLibraryAndConsentOnlyWhereTheLineHasNone() {
        String own =
                ",\"library\":\"WL\",\"consent\":{\"policy\":\"2012\",\"given\":\"2013-01-01\",\"channel\":\"desk\"}";
        List<ImportRow> rows = rows(patron("1", own) + "\n" + patron("2", ",\"library\":\" \",\"consent\":null"));
        PatronDraft first = ((Accepted) rows.get(0)).draft();
        assertThat(first.library()).isEqualTo("WL");
        assertThat(first.consent().orElseThrow().policy()).isEqualTo("2012");
        PatronDraft second = ((Accepted) rows.get(1)).draft();
        assertThat(second.library()).isEqualTo("NC");
        assertThat(second.consent()).contains(CONSENT);
    }

    @Test
    void withoutALibraryAnywhereTheRowIsRefused() {
        ImportOptions none = new ImportOptions(Optional.empty(), CONSENT);
        InputStream in = new ByteArrayInputStream(patron("1", "").getBytes(StandardCharsets.UTF_8));
        assertThat(all(new VaultJsonl(in, json, none)))
                .first()
                .isInstanceOfSatisfying(
                        RefusedRow.class, row -> assertThat(row.reason()).isEqualTo("library-missing"));
    }

    @Test
    void membersBeyondThePolicyAreDroppedAndNamedOnlyIfKnown() {
        String line = "{\"card\":\"1\",\"name\":{\"family\":\"Ng\",\"title\":\"Dr\"},\"dateOfBirth\":\"1951-03-17\","
                + "\"Canary Smith\":1,\"address\":{\"geo\":[1]},\"registered\":\"2018-10-15\"}";
        Accepted row = (Accepted) rows(line).get(0);
        assertThat(row.dropped()).containsExactly("(other)", "dateOfBirth", "title");
        assertThat(row.draft().registered()).contains(YearMonth.of(2018, 10));
        assertThat(row.toString()).doesNotContain("Canary", "1951");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"card\":\"9\"|json-malformed",
                "{\"card\":\"9\",\"card\":\"9\",\"name\":{\"family\":\"Ng\"}}|json-malformed",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"}} {}|json-malformed",
                "card,name|json-malformed",
                "[]|not-an-object",
                "null|not-an-object",
                "{\"name\":{\"family\":\"Ng\"}}|card-missing",
                "{\"card\":\"9\"}|name-missing",
                "{\"card\":\"9\",\"name\":\"Ng\"}|type-wrong",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"},\"library\":{}}|type-wrong",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"},\"library\":\"New Canaan\"}|library-invalid",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"},\"category\":\"child\"}|category-unknown",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"},\"expires\":\"31/01/2029\"}|date-malformed",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"},\"registered\":\"2018-13\"}|date-malformed",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"},\"consent\":{\"policy\":\"1\"}}|consent-malformed",
                "{\"card\":\"9\",\"name\":{\"family\":\"Ng\"},\"phone\":[\"1\",\"2\",\"3\",\"4\",\"5\"]}|too-many",
                "{\"card\":\"1\",\"name\":{\"family\":\"Ng\"}}|card-repeated"
            })
    void faultOfOneLineRefusesThatRowOnly(String faulty, String reason) {
        List<ImportRow> rows = rows(patron("1", "") + "\n" + faulty + "\n" + patron("2", "") + "\n");
        assertThat(rows).hasSize(3);
        assertThat(rows.get(1)).isInstanceOfSatisfying(RefusedRow.class, row -> {
            assertThat(row.reason()).isEqualTo(reason);
            assertThat(row.line()).isEqualTo(2);
        });
        assertThat(rows.get(2)).isInstanceOf(Accepted.class);
    }

    @Test
    void lineBeyondItsLimitIsRefusedWithoutHoldingIt() {
        String huge = patron("9", ",\"notes\":\"" + "x".repeat(3 << 20) + "\"");
        List<ImportRow> rows = rows(huge + "\n" + patron("1", ""));
        assertThat(((RefusedRow) rows.get(0)).reason()).isEqualTo("too-long");
        assertThat(rows.get(1)).isInstanceOf(Accepted.class);
        assertThat(rows.get(1).line()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "\ufeff", " \r\n"})
    void fileWithoutRowsIsRefused(String text) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> rows(text))
                .matches(e -> e.problem() == Problem.INVALID)
                .withMessage("The file is empty (line 1).");
    }

    @Test
    void wrongEncodingIsRefusedOnItsLineAndRowsBeforeStayValid() {
        byte[] bytes = (patron("1", "") + "\n" + patron("2", ",\"email\":[\"josé@example.org\"]"))
                .getBytes(StandardCharsets.ISO_8859_1);
        VaultJsonl reader = reader(bytes);
        assertThat(reader.next()).get().isInstanceOf(Accepted.class);
        for (int call = 0; call < 2; call++) {
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(reader::next)
                    .withMessage("The file is not text in UTF-8 (line 2).");
        }
    }

    @Test
    void utf16IsRefused() {
        for (byte[] bytes : List.of(
                patron("1", "").getBytes(StandardCharsets.UTF_16),
                patron("1", "").getBytes(StandardCharsets.UTF_16LE))) {
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(() -> all(reader(bytes)))
                    .withMessage("The file is not text in UTF-8 (line 1).");
        }
    }

    @Test
    void unreadableStreamIsRefusedWithoutItsMessage() throws IOException {
        InputStream broken = InputStream.nullInputStream();
        broken.close();
        VaultJsonl reader = new VaultJsonl(broken, json, TERMS);
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(reader::next)
                .withMessage("The file could not be read any further (line 1).");
    }

    @Test
    void fileIsReadFromDisk() throws IOException {
        Path file = Files.writeString(directory.resolve("patrons.jsonl"), patron("1", ""));
        try (VaultJsonl reader = VaultJsonl.open(file, json, TERMS)) {
            assertThat(all(reader)).hasSize(1);
            assertThat(reader.next()).isEmpty();
        }
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> VaultJsonl.open(directory, json, TERMS))
                .withMessage("The import needs a file and was given a directory.");
    }
}

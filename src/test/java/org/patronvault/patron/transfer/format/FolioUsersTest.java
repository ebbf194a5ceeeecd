package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.ImportRow.Accepted;
import org.patronvault.patron.record.ImportRow.RefusedRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.search.Phones;

final class FolioUsersTest {
    private static final Path SHARED = Path.of("../shared/data/folio-users.json");
    private static final Consent CONSENT =
            new Consent(Consent.SERVICE, "2018-05", LocalDate.of(2026, 11, 24), "import", true);
    private static final ImportOptions TERMS = new ImportOptions(Optional.of("NC"), CONSENT);

    private static final String VELVA = """
            {"barcode":"508444097915063","active":true,"type":"patron","username":"velva","patronGroup":"503a",
             "enrollmentDate":"2018-10-15","expirationDate":"2019-09-10","personal":{"lastName":"Brakus",
             "firstName":"Velva","middleName":"K","preferredFirstName":"V","dateOfBirth":"1989-12-28",
             "email":"Maya@example.gu","phone":"577.401.1737 x5071","mobilePhone":"245-227-6385","addresses":[
             {"city":"Second"},{"primaryAddress":true,"addressTypeId":"1c4b","countryId":"US",
             "addressLine1":"44688 Gerhold Centers","addressLine2":"Flat 2","region":"NH","city":"Palm Springs",
             "postalCode":"74737"}]}}
            """;

    private final PatronJson json = new PatronJson(new Phones("US"));

    @TempDir
    Path directory;

    private FolioUsers reader(String text) {
        return new FolioUsers(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), json, TERMS);
    }

    private static List<ImportRow> all(PatronReader reader) {
        List<ImportRow> rows = new ArrayList<>();
        for (Optional<ImportRow> row = reader.next(); row.isPresent(); row = reader.next()) {
            rows.add(row.get());
        }
        return rows;
    }

    private static String user(String card, String members) {
        return "{\"barcode\":\"" + card + "\",\"personal\":{\"lastName\":\"Ng\"}" + members + "}";
    }

    @Test
    void sharedFileIsAcceptedWithPersonalFieldsBeyondThePolicyDropped() throws IOException {
        assumeTrue(Files.exists(SHARED), "the shared sample data is not here");
        List<ImportRow> rows;
        try (FolioUsers reader = FolioUsers.open(SHARED, json, TERMS)) {
            rows = all(reader);
        }
        List<RefusedRow> refused = rows.stream()
                .filter(RefusedRow.class::isInstance)
                .map(RefusedRow.class::cast)
                .toList();
        List<PatronDraft> drafts = rows.stream()
                .filter(Accepted.class::isInstance)
                .map(row -> ((Accepted) row).draft())
                .toList();
        assertThat(rows).hasSize(300);
        assertThat(drafts).as("refused: %s", refused).hasSizeGreaterThanOrEqualTo(295);
        assertThat(rows).allMatch(row -> row.dropped().contains("dateOfBirth"));
        assertThat(rows).noneMatch(row -> row.dropped().contains(ImportRow.OTHER));
        assertThat(rows.get(0).line()).isEqualTo(3);
        assertThat(drafts).allMatch(draft -> draft.phone().stream().allMatch(phone -> phone.startsWith("+1")));
        assertThat(drafts.stream().filter(draft -> draft.status() == Status.BLOCKED))
                .hasSize(93);
    }

    @Test
    void userIsReadWhole() {
        ImportRow row = reader("{\"totalRecords\":1,\"users\":[\n" + VELVA + "]}")
                .next()
                .orElseThrow();
        assertThat(row.line()).isEqualTo(2);
        assertThat(row.dropped())
                .containsExactly("addressTypeId", "addresses", "dateOfBirth", "patronGroup", "username");
        assertThat(((Accepted) row).draft())
                .isEqualTo(new PatronDraft(
                        "508444097915063",
                        new Name("Brakus", "Velva", "K", "", "V"),
                        new Address("44688 Gerhold Centers", "Flat 2", "Palm Springs", "NH", "74737", "US"),
                        List.of("+15774011737;ext=5071", "+12452276385"),
                        List.of("Maya@example.gu"),
                        "NC",
                        Category.ADULT,
                        Optional.of(LocalDate.of(2019, 9, 10)),
                        Status.ACTIVE,
                        Optional.of(CONSENT),
                        Optional.of(YearMonth.of(2018, 10))));
    }

    @Test
    void bareArrayMomentsAndStaffAreUnderstood() {
        String text = "[" + user("7", ",\"type\":\"staff\",\"expirationDate\":\"2019-11-27T23:59:59.000+0000\"") + ",\n"
                + user("8", ",\"active\":false") + "]";
        List<ImportRow> rows = all(reader(text));
        PatronDraft staff = ((Accepted) rows.get(0)).draft();
        assertThat(staff.category()).isEqualTo(Category.STAFF);
        assertThat(staff.expires()).contains(LocalDate.of(2019, 11, 27));
        assertThat(staff.status()).isEqualTo(Status.ACTIVE);
        assertThat(staff.registered()).isEmpty();
        assertThat(((Accepted) rows.get(1)).draft().status()).isEqualTo(Status.BLOCKED);
    }

    @Test
    void namesFromTheFileAreNotReported() {
        ImportRow row = reader("[" + user("7", ",\"Canary 1951\":\"x\",\"tags\":{},\"notes\":null,\"id\":\"u\"") + "]")
                .next()
                .orElseThrow();
        assertThat(row.dropped()).containsExactly("(other)", "id");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "7|not-an-object",
                "[[1],{}]|not-an-object",
                "{\"personal\":{\"lastName\":\"Ng\"}}|card-missing",
                "{\"barcode\":\"12-34\",\"personal\":{\"lastName\":\"Ng\"}}|card-invalid",
                "{\"barcode\":12,\"personal\":{\"lastName\":\"Ng\"}}|type-wrong",
                "{\"barcode\":\"9\"}|name-missing",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\" \"}}|name-missing",
                "{\"barcode\":\"9\",\"personal\":\"Ng\"}|type-wrong",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"N\\u0007\"}}|control-character",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"Ng\",\"email\":\"none\"}}|email-malformed",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"Ng\",\"phone\":\"none\"}}|phone-malformed",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"Ng\",\"addresses\":\"Elm St\"}}|type-wrong",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"Ng\"},\"expirationDate\":\"soon\"}|date-malformed",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"Ng\"},\"enrollmentDate\":\"2018\"}|date-malformed",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"Ng\"},\"active\":\"yes\"}|status-unknown",
                "{\"barcode\":\"9\",\"barcode\":\"8\",\"personal\":{\"lastName\":\"Ng\"}}|json-malformed",
                "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"Ng\",\"lastName\":\"Ng\"}}|json-malformed",
                "{\"barcode\":\"1\",\"personal\":{\"lastName\":\"Ng\"}}|card-repeated"
            })
    void faultOfOneUserRefusesThatRowOnly(String faulty, String reason) {
        List<ImportRow> rows = all(reader("[" + user("1", "") + ",\n" + faulty + ",\n" + user("2", "") + "]"));
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).isInstanceOf(Accepted.class);
        assertThat(rows.get(1)).isInstanceOfSatisfying(RefusedRow.class, row -> {
            assertThat(row.reason()).isEqualTo(reason);
            assertThat(row.line()).isEqualTo(2);
        });
        assertThat(rows.get(2)).isInstanceOf(Accepted.class);
    }

    @Test
    void tooLongATextAndTooLargeAUserRefuseTheRow() {
        String longName = "{\"barcode\":\"9\",\"personal\":{\"lastName\":\"" + "n".repeat(201) + "\"}}";
        String large = user("8", ",\"customFields\":[" + "0,".repeat(20_000) + "0]");
        List<ImportRow> rows = all(reader("[" + longName + "," + large + "," + user("7", "") + "]"));
        assertThat(rows.subList(0, 2))
                .allMatch(row -> ((RefusedRow) row).reason().equals("too-long"));
        assertThat(rows.get(2)).isInstanceOf(Accepted.class);
    }

    @Test
    void cardOfARefusedRowStillCountsAsSeen() {
        String text = "[" + user("1", ",\"expirationDate\":\"soon\"") + "," + user(" 1 ", "") + "]";
        assertThat(all(reader(text)))
                .extracting(row -> ((RefusedRow) row).reason())
                .containsExactly("date-malformed", "card-repeated");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "|The file is empty (line 1).",
                "` \n `|The file is empty (line 2).",
                "7|The file must be a JSON object with a list named users, or that list alone (line 1).",
                "{}|The file has no list named users (line 1).",
                "{\"user\":[]}|The file has no list named users (line 1).",
                "{\"users\":{}}|The file must have one member users, a list (line 1).",
                "{\"users\":[],\"users\":[]}|The file must have one member users, a list (line 1).",
                "[] []|The file goes on after the end of its JSON (line 1).",
                "{\"users\":[]} 7|The file goes on after the end of its JSON (line 1).",
                "{\"users\":[]|The file was cut off: it ends in the middle of its JSON (line 1).",
                "<users/>|The file is not well-formed JSON in UTF-8 (line 1)."
            })
    void faultOfTheFileIsRefusedWithItsLine(String text, String sentence) {
        FolioUsers reader = reader(text == null ? "" : text);
        for (int call = 0; call < 2; call++) {
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(() -> all(reader))
                    .matches(e -> e.problem() == Problem.INVALID)
                    .withMessage(sentence);
        }
    }

    @Test
    void rowsBeforeACutStayValid() {
        String whole = "{\"users\":[\n" + user("1", "") + ",\n" + user("2", "") + "]}";
        FolioUsers reader = reader(whole.substring(0, whole.length() - 9));
        assertThat(reader.next()).get().isInstanceOf(Accepted.class);
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(reader::next)
                .withMessage("The file was cut off: it ends in the middle of its JSON (line 3).");
    }

    @Test
    void everyCutOfAFileIsRefusedAndNeverTakenForItsEnd() {
        String whole = "{\"totalRecords\":1,\"users\":[" + VELVA + "]}";
        for (int length = 0; length < whole.length(); length++) {
            FolioUsers reader = reader(whole.substring(0, length));
            assertThatExceptionOfType(Refused.class).as("cut at %d", length).isThrownBy(() -> all(reader));
        }
        assertThat(all(reader(whole))).hasSize(1);
    }

    @Test
    void latin1IsRefusedOnItsLineAndUtf8AccentsAreRead() {
        String text = "[" + user("1", "") + ",\n{\"barcode\":\"2\",\"personal\":{\"lastName\":\"Pérez\"}}]";
        FolioUsers latin1 = new FolioUsers(bytes(text, StandardCharsets.ISO_8859_1), json, TERMS);
        assertThat(latin1.next()).get().isInstanceOf(Accepted.class);
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(latin1::next)
                .withMessage("The file is not well-formed JSON in UTF-8 (line 2).");
        List<ImportRow> rows = all(new FolioUsers(bytes("\ufeff" + text, StandardCharsets.UTF_8), json, TERMS));
        assertThat(((Accepted) rows.get(1)).draft().name().family()).isEqualTo("Pérez");
    }

    private static InputStream bytes(String text, Charset charset) {
        return new ByteArrayInputStream(text.getBytes(charset));
    }

    @Test
    void depthAndTextBeyondTheLimitsAreRefused() {
        String deep = "[" + user("1", ",\"tags\":" + "[".repeat(30) + "]".repeat(30)) + "]";
        String huge = "[" + user("1", ",\"tags\":\"" + "x".repeat(2 << 20) + "\"") + "]";
        for (String text : List.of(deep, huge)) {
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(() -> all(reader(text)))
                    .withMessage("The file has a text longer or a nesting deeper than an import takes (line 1).");
        }
    }

    @Test
    void directoryAbsentFileAndAbsentLibraryAreRefused() {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> FolioUsers.open(directory, json, TERMS))
                .withMessage("The import needs a file and was given a directory.");
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> FolioUsers.open(directory.resolve("none.json"), json, TERMS))
                .withMessage("The file to import is not there or cannot be read.");
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> FolioUsers.open(directory, json, new ImportOptions(Optional.empty(), CONSENT)))
                .withMessage("FOLIO files name no library: the import must name one for all rows.");
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> new ImportOptions(Optional.of("New Canaan"), CONSENT));
    }

    @Test
    void manyCardsAreAllRemembered() {
        StringBuilder text = new StringBuilder("[");
        int cards = 20_000;
        for (int i = 0; i < 2 * cards; i++) {
            text.append(i == 0 ? "" : ",").append(user("C" + i % cards, ""));
        }
        List<ImportRow> rows = all(reader(text.append("]").toString()));
        assertThat(rows.subList(0, cards)).allMatch(Accepted.class::isInstance);
        assertThat(rows.subList(cards, 2 * cards))
                .allMatch(row -> ((RefusedRow) row).reason().equals("card-repeated"));
    }
}

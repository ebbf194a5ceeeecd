package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.patronvault.patron.transfer.format.CsvFiles.all;
import static org.patronvault.patron.transfer.format.CsvFiles.draft;
import static org.patronvault.patron.transfer.format.CsvFiles.koha;
import static org.patronvault.patron.transfer.format.CsvFiles.only;
import static org.patronvault.patron.transfer.format.CsvFiles.reason;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronDraft;

final class KohaCsvTest {
    private static PatronReader handMade(String name, CsvTerms csv) {
        return KohaCsv.open(CsvFiles.HAND_MADE.resolve(name), csv, CsvFiles.NO_LIBRARY, CsvFiles.JSON);
    }

    @Test
    void patronWithEveryColumnIsReadWhole() throws IOException {
        try (PatronReader file = handMade("koha-starter.csv", CsvTerms.PLAIN)) {
            ImportRow row = file.next().orElseThrow();
            assertThat(row.line()).isEqualTo(2);
            assertThat(draft(row))
                    .isEqualTo(new PatronDraft(
                            "21234000000018",
                            new Name("O'Sullivan-Ng", "Katherine", "Mary", "", "Kat"),
                            new Address("1437 South Elm St", "Apt 4B", "New Canaan", "CT", "06840", "US"),
                            List.of("+12035550143", "+12035550144", "+12035550145;ext=12"),
                            List.of("kat@example.org", "k.osullivan@example.com"),
                            "NC",
                            Category.ADULT,
                            Optional.of(LocalDate.of(2029, 1, 31)),
                            Status.ACTIVE,
                            Optional.of(CsvFiles.CONSENT),
                            Optional.of(YearMonth.of(2018, 10))));
            assertThat(row.dropped())
                    .containsExactly(
                            "borrowernotes",
                            "borrowernumber",
                            "dateofbirth",
                            "password",
                            "privacy",
                            "sex",
                            "title",
                            "userid");
        }
    }

    @Test
    void otherRowsOfTheStarterFileFollowTheirOwnRules() throws IOException {
        try (PatronReader file = handMade("koha-starter.csv", CsvTerms.PLAIN)) {
            List<ImportRow> rows = all(file);
            assertThat(rows).extracting(ImportRow::line).containsExactly(2L, 4L, 5L, 7L, 8L);

            PatronDraft ines = draft(rows.get(1));
            assertThat(ines.address()).isEqualTo(new Address("9 Mill Pond Ln", "", "Darien", "CT", "06820", ""));
            assertThat(ines.phone()).containsExactly("+12035550150");
            assertThat(ines.email()).containsExactly("ines@example.org");
            assertThat(ines.category()).isEqualTo(Category.JUVENILE);
            assertThat(ines.expires()).contains(LocalDate.of(2020, 1, 31));
            assertThat(ines.status()).isEqualTo(Status.ACTIVE);

            PatronDraft jack = draft(rows.get(2));
            assertThat(jack.address().line1()).isEqualTo("12 Oak Ridge Rd, Rear house");
            assertThat(jack.category()).isEqualTo(Category.STAFF);
            assertThat(jack.status()).isEqualTo(Status.BLOCKED);
            assertThat(rows.get(2).dropped()).contains("smsalertnumber");

            assertThat(reason(rows.get(3))).isEqualTo("card-missing");

            assertThat(draft(rows.get(4)).status()).isEqualTo(Status.BLOCKED);
            assertThat(draft(rows.get(4)).category()).isEqualTo(Category.OTHER);
            assertThat(file.remarks())
                    .containsExactly("1 row has a category code that is not known here and became other; say what it"
                            + " means with --category CODE=adult, and import the file again.");
        }
    }

    @Test
    void spreadsheetWithMarkSemicolonsAndLooseHeaderIsRead() throws IOException {
        try (PatronReader file = handMade("koha-spreadsheet.csv", CsvTerms.PLAIN)) {
            List<ImportRow> rows = all(file);
            assertThat(rows).hasSize(2);
            PatronDraft first = draft(rows.get(0));
            assertThat(first.name().family()).isEqualTo("Schröder");
            assertThat(first.address().line1()).isEqualTo("Bahnhofstr. 7; Hinterhaus");
            assertThat(first.email()).containsExactly("juergen@example.org");
            assertThat(rows.get(0).dropped()).containsExactly(ImportRow.OTHER);
            assertThat(draft(rows.get(1)).name().family()).isEqualTo("Løvås");
            assertThat(draft(rows.get(1)).category()).isEqualTo(Category.ADULT);
            assertThat(file.remarks()).isEmpty();
        }
    }

    @Test
    void latin1IsNamedWithLineAndCureAndReadWhenStated() throws IOException {
        try (PatronReader file = handMade("koha-latin1.csv", CsvTerms.PLAIN)) {
            assertThat(draft(file.next().orElseThrow()).name().family()).isEqualTo("Plain");
            for (int call = 0; call < 2; call++) {
                assertThatExceptionOfType(Refused.class)
                        .isThrownBy(file::next)
                        .withMessage("The file is not UTF-8 and looks like Windows-1252 or Latin-1 (line 3): save it as"
                                + " UTF-8, or import it with --encoding windows-1252.");
            }
        }
        try (PatronReader file = handMade("koha-latin1.csv", CsvTerms.of("Windows-1252", Map.of(), "ymd"))) {
            assertThat(draft(all(file).get(1)).name()).isEqualTo(new Name("Pérez", "José", "", "", ""));
        }
    }

    @Test
    void alternateAddressIsDroppedByNameWhereThereIsAPrimaryOne() {
        ImportRow row = all(koha("cardnumber,surname,city,B_city,b_address\n1,Ng,Wilton,Darien,Elm St\n"))
                .get(0);
        assertThat(draft(row).address()).isEqualTo(new Address("", "", "Wilton", "", "", ""));
        assertThat(row.dropped()).containsExactly("B_address", "B_city");
    }

    @Test
    void fifthNumberAndAddressAreDroppedByNameAndRepeatedOnesKeptOnce() {
        String header = "cardnumber,surname,phone,phone,mobile,phonepro,B_phone,email,email,emailpro\n";
        String row = "1,Ng,203-555-0101; 203-555-0102,(203) 555-0101,203-555-0103,203-555-0104,203-555-0105,"
                + "\"a@example.org, b@example.org\",A@Example.ORG,c@example.org d@example.org e@example.org\n";
        ImportRow read = all(koha(header + row)).get(0);
        assertThat(draft(read).phone()).containsExactly("+12035550101", "+12035550102", "+12035550103", "+12035550104");
        assertThat(draft(read).email())
                .containsExactly("a@example.org", "b@example.org", "c@example.org", "d@example.org");
        assertThat(read.dropped()).containsExactly("B_phone", "emailpro");
    }

    @Test
    void extensionWrittenAsInAnExportOfTheVaultStaysWithItsNumber() {
        assertThat(only(koha("cardnumber,surname,phone\n1,Ng,+12035550143;ext=12\n"))
                        .phone())
                .containsExactly("+12035550143;ext=12");
    }

    @Test
    void cellsNeutralisedForSpreadsheetsAreRestored() {
        PatronDraft draft = only(koha("""
                cardnumber,surname,firstname,address,city,phone
                1,'-Ng,'=Ann,'@home,'t Hooft,'+44 20 7946 0958
                """));
        assertThat(draft.name()).isEqualTo(new Name("-Ng", "=Ann", "", "", ""));
        assertThat(draft.address().line1()).isEqualTo("@home");
        assertThat(draft.address().city()).isEqualTo("'t Hooft");
        assertThat(draft.phone()).containsExactly("+442079460958");
    }

    @ParameterizedTest
    @CsvSource({
        "lost,1,BLOCKED",
        "lost,0,ACTIVE",
        "lost,'',ACTIVE",
        "gonenoaddress,Yes,BLOCKED",
        "gonenoaddress,no,ACTIVE",
        "debarred,9999-12-31,BLOCKED",
        "debarred,2026-11-25,BLOCKED",
        "debarred,2026-11-24,ACTIVE",
        "debarred,2019-01-01,ACTIVE",
        "debarred,0000-00-00,ACTIVE",
        "debarred,1,BLOCKED",
        "debarred,0,ACTIVE",
        "dateexpiry,2001-01-01,ACTIVE"
    })
    void whatBlocksInKohaBlocksHere(String column, String cell, Status status) {
        assertThat(only(koha("cardnumber,surname," + column + "\n1,Ng," + cell + "\n"))
                        .status())
                .isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "PT,ADULT",
        "st,ADULT",
        "T,ADULT",
        "K,JUVENILE",
        "ya,JUVENILE",
        "S,STAFF",
        "IL,OTHER",
        "child,JUVENILE",
        "RESIDENT,OTHER",
        "'',ADULT"
    })
    void categoryCodesOfANewKohaAreKnownAndOthersAreOther(String code, Category category) {
        assertThat(only(koha("cardnumber,surname,categorycode\n1,Ng," + code + "\n"))
                        .category())
                .isEqualTo(category);
    }

    @Test
    void statedMeaningOfACodeComesBeforeTheKnownOne() {
        PatronReader file = koha(
                "cardnumber,surname,categorycode\n1,Ng,st\n".getBytes(StandardCharsets.UTF_8),
                CsvFiles.meaning("ST", "juvenile"));
        assertThat(only(file).category()).isEqualTo(Category.JUVENILE);
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> CsvFiles.meaning("ST", "kid"));
    }

    @ParameterizedTest
    @CsvSource({
        "ymd,2029-01-31", "ymd,2029/1/31", "ymd,2029-01-31 00:00:00", "ymd,2029-01-31T23:59:00+0000",
        "mdy,1/31/2029", "mdy,2029-01-31", "dmy,31.01.2029", "dmy,31/1/2029"
    })
    void dayIsUnderstoodInTheStatedOrderAndAlwaysWithTheYearFirst(String order, String day) {
        PatronReader file = koha(
                ("cardnumber,surname,dateexpiry\n1,Ng," + day + "\n").getBytes(StandardCharsets.UTF_8),
                CsvTerms.of("utf-8", Map.of(), order));
        assertThat(only(file).expires()).contains(LocalDate.of(2029, 1, 31));
    }

    @ParameterizedTest
    @CsvSource({
        "cardnumber,12-34,card-invalid",
        "cardnumber,2.1234E+13,card-invalid",
        "surname,'',name-missing",
        "surname,N~g,control-character",
        "email,none,email-malformed",
        "phone,unlisted,phone-malformed",
        "dateexpiry,01/31/2029,date-malformed",
        "dateexpiry,2029-02-30,date-malformed",
        "dateenrolled,soon,date-malformed",
        "debarred,soon,status-unknown",
        "lost,perhaps,status-unknown",
        "branchcode,New Canaan,library-invalid"
    })
    void faultOfOneCellRefusesThatRowOnly(String column, String cell, String reason) {
        List<String> columns = List.of(
                "cardnumber",
                "surname",
                "email",
                "phone",
                "dateexpiry",
                "dateenrolled",
                "debarred",
                "lost",
                "branchcode");
        String header = String.join(",", columns) + "\n";
        String good = "1,Ng,,,,,,,\n";
        StringBuilder bad = new StringBuilder();
        for (String name : columns) {
            String usual = name.equals("cardnumber") ? "9" : name.equals("surname") ? "Ng" : "";
            bad.append(bad.length() == 0 ? "" : ",").append(name.equals(column) ? quoted(cell) : usual);
        }
        List<ImportRow> rows = all(koha(header + good + bad + "\n" + good.replace('1', '2')));
        assertThat(rows).extracting(CsvFiles::reason).containsExactly("", reason, "");
        assertThat(rows.get(1).line()).isEqualTo(3);
    }

    private static String quoted(String cell) {
        return '"' + cell.replace('~', '\n') + '"';
    }

    @Test
    void cardRepeatedInTheFileIsRefused() {
        assertThat(all(koha("cardnumber,surname\n1,Ng\n 1,Ng\n")))
                .extracting(CsvFiles::reason)
                .containsExactly("", "card-repeated");
    }

    @Test
    void fileWithoutLibraryIsReadOnlyIfTheImportNamesOne() throws IOException {
        String text = "cardnumber,surname\n1,Ng\n";
        assertThat(only(koha(text)).library()).isEqualTo("NC");
        Path file = Files.writeString(Files.createTempFile("koha", ".csv"), text);
        try (PatronReader reader = KohaCsv.open(file, CsvTerms.PLAIN, CsvFiles.NO_LIBRARY, CsvFiles.JSON)) {
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(reader::next)
                    .withMessage("The file has no column branchcode: the import must name one library for all rows.");
        } finally {
            Files.delete(file);
        }
    }
}

package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.patronvault.patron.transfer.format.CsvFiles.all;
import static org.patronvault.patron.transfer.format.CsvFiles.draft;
import static org.patronvault.patron.transfer.format.CsvFiles.evergreen;
import static org.patronvault.patron.transfer.format.CsvFiles.only;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.testing.Skips;

final class EvergreenCsvTest {
    private static final Path SHARED = Path.of("../shared/data/evergreen-patrons.csv");

    @Test
    void sharedFileWithMisnamedAndDoubledColumnsGoesInWhole() throws IOException {
        Skips.unless(Files.exists(SHARED), "the file of Evergreen patrons is not beside the project");
        try (PatronReader file = EvergreenCsv.open(SHARED, CsvTerms.PLAIN, CsvFiles.NO_LIBRARY, CsvFiles.JSON)) {
            List<ImportRow> rows = all(file);
            assertThat(rows).hasSize(2);
            assertThat(draft(rows.get(0)))
                    .isEqualTo(new PatronDraft(
                            "77",
                            new Name("Doe", "Jane", "", "", ""),
                            new Address("123 Home Ave", "", "Whoville", "SE", "", ""),
                            List.of("+18235559082"),
                            List.of("really@fake.email", "me@whoville.seuss"),
                            "BR1",
                            Category.JUVENILE,
                            Optional.empty(),
                            Status.ACTIVE,
                            Optional.of(CsvFiles.CONSENT),
                            Optional.empty()));
            assertThat(rows.get(0).dropped())
                    .containsExactly("(other)", "dob", "passwd", "profile", "statcat_name1", "usrname");
            assertThat(draft(rows.get(1)).email()).containsExactly("more@fake.email", "grinch@whoville.seuss");
            assertThat(rows.get(1).dropped()).doesNotContain("passwd");
        }
    }

    @Test
    void patronWithEveryKeptColumnIsReadWhole() {
        String text = "FAMILY_NAME,first_given_name,second_given_name,pref_first_given_name,suffix,cardnumber,"
                + "home_library,day_phone,evening_phone,other_phone,email,active,barred,juvenile,expire_date,create_date,"
                + "add1_street1,add1_street2,add1_city,add1_county,add1_state,add1_country,add1_post_code,add2_city\n"
                + "Ng,Katherine,Mary,Kat,III,21234000000018,BR2,577.401.1737 x5071,203-555-0143,(203) 555-0143,"
                + "kat@example.org,t,f,f,2029/01/31,2018-10-15 09:30:00-05,1437 South Elm St,Apt 4B,New Canaan,"
                + "Fairfield,CT,US,06840,Darien\n";
        ImportRow row = all(evergreen(text, CsvTerms.PLAIN)).get(0);
        assertThat(draft(row))
                .isEqualTo(new PatronDraft(
                        "21234000000018",
                        new Name("Ng", "Katherine", "Mary", "III", "Kat"),
                        new Address("1437 South Elm St", "Apt 4B", "New Canaan", "CT", "06840", "US"),
                        List.of("+15774011737;ext=5071", "+12035550143"),
                        List.of("kat@example.org"),
                        "BR2",
                        Category.ADULT,
                        Optional.of(LocalDate.of(2029, 1, 31)),
                        Status.ACTIVE,
                        Optional.of(CsvFiles.CONSENT),
                        Optional.of(YearMonth.of(2018, 10))));
        assertThat(row.dropped()).containsExactly("add1_county", "add2_city");
    }

    @Test
    void secondAddressStandsInForAMissingFirst() {
        assertThat(only(evergreen(
                                "cardnumber,family_name,add1_city,add2_street1,add2_city\n1,Ng,,9 Elm St,Darien\n",
                                CsvTerms.PLAIN))
                        .address())
                .isEqualTo(new Address("9 Elm St", "", "Darien", "", "", ""));
    }

    @ParameterizedTest
    @CsvSource({"t,f,ACTIVE", "'',,ACTIVE", "true,FALSE,ACTIVE", "f,f,BLOCKED", "t,t,BLOCKED", "0,1,BLOCKED"})
    void inactiveAndBarredAreBlocked(String active, String barred, Status status) {
        String row = "1,Ng," + active + "," + (barred == null ? "" : barred) + "\n";
        assertThat(only(evergreen("cardnumber,family_name,active,barred\n" + row, CsvTerms.PLAIN))
                        .status())
                .isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"active", "barred", "juvenile"})
    void flagThatSaysNeitherYesNorNoRefusesTheRow(String column) {
        List<ImportRow> rows = all(evergreen("cardnumber,family_name," + column + "\n1,Ng,maybe\n", CsvTerms.PLAIN));
        assertThat(CsvFiles.reason(rows.get(0)))
                .isEqualTo(column.equals("juvenile") ? "category-unknown" : "status-unknown");
    }

    @Test
    void profileCountsOnlyWhereTheImportSaysWhatItMeansAndJuvenileComesFirst() {
        String text = "cardnumber,family_name,profile,juvenile\n1,Ng,Circ Staff,f\n2,Ng,Patrons,f\n3,Ng,Circ Staff,t\n";
        List<ImportRow> rows = all(evergreen(text, CsvFiles.meaning("circ staff", "staff")));
        assertThat(rows)
                .extracting(row -> draft(row).category())
                .containsExactly(Category.STAFF, Category.ADULT, Category.JUVENILE);
        assertThat(rows).extracting(row -> row.dropped().contains("profile")).containsExactly(false, true, false);
    }
}

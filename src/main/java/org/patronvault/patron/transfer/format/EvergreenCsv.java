package org.patronvault.patron.transfer.format;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.search.Emails;

/**
 * The format of a CSV file with the columns of Evergreen's patron loader.
 *
 * <p>The address is the first; a patron without a first address gets the second. A yes in {@code juvenile} makes
 * category juvenile. The column {@code profile} is a group whose meaning only the library knows, so it counts only if
 * the import states the meaning. Without that all others are adult. A patron who is not {@code active}, or is
 * {@code barred}, becomes blocked.
 */
public final class EvergreenCsv implements CsvFormat {
    private static final List<String> ADDRESS = List.of("street1", "street2", "city", "state", "country", "post_code");
    private static final List<String> PHONES = List.of("day_phone", "evening_phone", "other_phone");
    private static final List<String> EMAILS = List.of("email");
    private static final Map<String, String> NAME = Map.of(
            "family_name",
            "family",
            "first_given_name",
            "given",
            "second_given_name",
            "middle",
            "suffix",
            "suffix",
            "pref_first_given_name",
            "preferred");
    private static final String FIRST = "add1_";
    private static final String SECOND = "add2_";
    private static final int MOST_STATISTICS = 20;

    private static final CsvColumns COLUMNS = new CsvColumns(
            "Evergreen",
            List.of("cardnumber", "family_name"),
            CsvColumns.all(List.of(
                    NAME.keySet(),
                    CsvColumns.prefixed(FIRST, ADDRESS),
                    CsvColumns.prefixed(SECOND, ADDRESS),
                    List.of("home_library", "profile", "juvenile", "active", "barred", "expire_date", "create_date"))),
            CsvColumns.all(List.of(PHONES, EMAILS)),
            CsvColumns.all(List.of(
                    List.of(("usrname passwd dob prefix alias net_access_level name_keywords ident_type ident_value"
                                    + " ident_type2 ident_value2 pref_prefix pref_second_given_name pref_family_name"
                                    + " pref_suffix add1_county add2_county guardian guardian_email photo_url notes"
                                    + " alert_message claims_returned_count credit_forward_balance last_update_time"
                                    + " mailing_address billing_address master_account super_user usrgroup id")
                            .split(" ", -1)),
                    statistics())));

    private final CsvTerms csv;
    private final PatronJson json;

    private EvergreenCsv(CsvTerms csv, PatronJson json) {
        this.csv = csv;
        this.json = json;
    }

    private static List<String> statistics() {
        return IntStream.rangeClosed(1, MOST_STATISTICS)
                .boxed()
                .flatMap(n -> Stream.of("statcat_name" + n, "statcat_value" + n))
                .toList();
    }

    /**
     * Reads {@code file}.
     *
     * @throws org.patronvault.core.model.Refused {@code invalid} if it cannot be read
     */
    public static PatronReader open(Path file, CsvTerms csv, ImportOptions terms, PatronJson json) {
        return of(ImportFile.open(file), csv, terms, json);
    }

    /** Reads {@code in}, which closing closes. */
    static PatronReader of(InputStream in, CsvTerms csv, ImportOptions terms, PatronJson json) {
        return new CsvPatrons(ImportFile.of(in), csv, new EvergreenCsv(csv, json), terms, json);
    }

    @Override
    public CsvColumns columns() {
        return COLUMNS;
    }

    @Override
    public String libraryColumn() {
        return "home_library";
    }

    @Override
    public ObjectNode patron(CsvRow row) {
        ObjectNode patron = JsonNodeFactory.instance.objectNode();
        row.move("cardnumber", patron, "card");
        ObjectNode name = patron.putObject("name");
        NAME.forEach((column, member) -> row.move(column, name, member));
        address(row, patron.putObject("address"));
        row.list(PHONES, BETWEEN_PHONES, json::phoneKey, patron.putArray("phone"));
        row.list(EMAILS, BETWEEN_EMAILS, Emails::canonicalTerm, patron.putArray("email"));
        row.move("home_library", patron, "library");
        patron.put("category", category(row));
        patron.put("expires", csv.days().iso(row.get("expire_date")));
        patron.put("registered", csv.days().iso(row.get("create_date")));
        patron.put("status", status(row));
        return patron;
    }

    private static void address(CsvRow row, ObjectNode address) {
        boolean first = ADDRESS.stream().anyMatch(part -> !row.get(FIRST + part).isEmpty());
        String prefix = first ? FIRST : SECOND;
        if (first) {
            CsvColumns.prefixed(SECOND, ADDRESS).forEach(row::drop);
        }
        address.put("line1", row.joined(List.of(prefix + "street1"), ""));
        address.put("line2", row.joined(List.of(prefix + "street2"), ""));
        row.move(prefix + "city", address, "city");
        row.move(prefix + "state", address, "region");
        row.move(prefix + "post_code", address, "postalCode");
        row.move(prefix + "country", address, "country");
    }

    /** Text that means neither yes nor no is passed on, to be refused. */
    private String category(CsvRow row) {
        Optional<Category> meant = Optional.ofNullable(csv.categories().get(CsvTerms.key(row.get("profile"))));
        if (meant.isEmpty()) {
            row.drop("profile");
        }
        return row.flag("juvenile", false)
                .map(juvenile -> (juvenile ? Category.JUVENILE : meant.orElse(Category.ADULT)).wireName())
                .orElse(row.get("juvenile"));
    }

    private static String status(CsvRow row) {
        Optional<Boolean> active = row.flag("active", true);
        Optional<Boolean> barred = row.flag("barred", false);
        if (active.isEmpty() || barred.isEmpty()) {
            return row.get(active.isEmpty() ? "active" : "barred");
        }
        return (active.get() && !barred.get() ? Status.ACTIVE : Status.BLOCKED).wireName();
    }
}

package org.patronvault.patron.transfer.format;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.search.Emails;

/**
 * The format of a CSV file with the columns of Koha's table {@code borrowers}.
 *
 * <p>The primary address is used; the alternate one ({@code B_…}) only if there is no primary. Phone and email of the
 * alternate address are the patron's own and are kept beside the others. A lost card, an unconfirmed address and a
 * restriction whose day is still to come block, as they do in Koha. An expired membership does not block; it expires.
 */
public final class KohaCsv implements CsvFormat {
    private static final String ALTERNATE = "B_";
    private static final List<String> STREET = List.of("streetnumber", "address", "streettype");
    private static final List<String> ADDRESS =
            List.of("streetnumber", "streettype", "address", "address2", "city", "state", "zipcode", "country");
    static final List<String> PHONES = List.of("phone", "mobile", "phonepro", "B_phone");
    static final List<String> EMAILS = List.of("email", "emailpro", "B_email");
    private static final Map<String, String> NAME =
            Map.of("surname", "family", "firstname", "given", "middle_name", "middle", "preferred_name", "preferred");

    private static final CsvColumns COLUMNS = new CsvColumns(
            "Koha",
            List.of("cardnumber", "surname"),
            CsvColumns.all(List.of(
                    NAME.keySet(),
                    ADDRESS,
                    CsvColumns.prefixed(ALTERNATE, ADDRESS),
                    List.of("branchcode", "categorycode", "dateenrolled", "dateexpiry"),
                    List.of("lost", "debarred", "gonenoaddress"))),
            CsvColumns.all(List.of(PHONES, EMAILS)),
            List.of(("borrowernumber title othernames initials pronouns fax dateofbirth password_expiration_date"
                            + " date_renewed debarredcomment contactname contactfirstname contacttitle guarantorid"
                            + " borrowernotes relationship ethnicity ethnotes sex password secret auth_method flags"
                            + " userid opacnote contactnote sort1 sort2 altcontactfirstname altcontactsurname"
                            + " altcontactaddress1 altcontactaddress2 altcontactaddress3 altcontactstate"
                            + " altcontactzipcode altcontactcountry altcontactphone smsalertnumber sms_provider_id"
                            + " privacy privacy_guarantor_fines privacy_guarantor_checkouts checkprevcheckout"
                            + " updated_on lastseen lang login_attempts overdrive_auth_token anonymized"
                            + " autorenew_checkouts primary_contact_method protected patron_attributes"
                            + " guarantor_relationship guarantor_id")
                    .split(" ", -1)));

    /** The categories of a new Koha, and plain words. Only the library knows the meaning of other codes. */
    private static final Map<String, Category> CATEGORIES = Map.ofEntries(
            Map.entry("PT", Category.ADULT),
            Map.entry("ST", Category.ADULT),
            Map.entry("HB", Category.ADULT),
            Map.entry("BH", Category.ADULT),
            Map.entry("T", Category.ADULT),
            Map.entry("B", Category.ADULT),
            Map.entry("K", Category.JUVENILE),
            Map.entry("J", Category.JUVENILE),
            Map.entry("YA", Category.JUVENILE),
            Map.entry("S", Category.STAFF),
            Map.entry("IL", Category.OTHER),
            Map.entry("ILL", Category.OTHER),
            Map.entry("SC", Category.OTHER),
            Map.entry("L", Category.OTHER),
            Map.entry("ADULT", Category.ADULT),
            Map.entry("CHILD", Category.JUVENILE),
            Map.entry("JUVENILE", Category.JUVENILE),
            Map.entry("STAFF", Category.STAFF),
            Map.entry("OTHER", Category.OTHER));

    private final CsvTerms csv;
    private final PatronJson json;
    private long categoriesUnknown;

    private KohaCsv(CsvTerms csv, PatronJson json) {
        this.csv = csv;
        this.json = json;
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
        return new CsvPatrons(ImportFile.of(in), csv, new KohaCsv(csv, json), terms, json);
    }

    @Override
    public CsvColumns columns() {
        return COLUMNS;
    }

    @Override
    public String libraryColumn() {
        return "branchcode";
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
        row.move("branchcode", patron, "library");
        patron.put("category", category(row));
        patron.put("expires", csv.days().iso(row.get("dateexpiry")));
        patron.put("registered", csv.days().iso(row.get("dateenrolled")));
        patron.put("status", status(row));
        return patron;
    }

    private static void address(CsvRow row, ObjectNode address) {
        boolean primary = ADDRESS.stream().anyMatch(column -> !row.get(column).isEmpty());
        String prefix = primary ? "" : ALTERNATE;
        if (primary) {
            CsvColumns.prefixed(ALTERNATE, ADDRESS).forEach(row::drop);
        }
        address.put("line1", row.joined(CsvColumns.prefixed(prefix, STREET), " "));
        address.put("line2", row.joined(List.of(prefix + "address2"), ""));
        row.move(prefix + "city", address, "city");
        row.move(prefix + "state", address, "region");
        row.move(prefix + "zipcode", address, "postalCode");
        row.move(prefix + "country", address, "country");
    }

    private String category(CsvRow row) {
        String code = CsvTerms.key(row.get("categorycode"));
        if (code.isEmpty()) {
            return Category.ADULT.wireName();
        }
        Optional<Category> meant =
                Optional.ofNullable(csv.categories().get(code)).or(() -> Optional.ofNullable(CATEGORIES.get(code)));
        categoriesUnknown += meant.isPresent() ? 0 : 1;
        return meant.orElse(Category.OTHER).wireName();
    }

    /** The status: blocked for any of three reasons. Text that means neither yes nor no is passed on, to be refused. */
    private String status(CsvRow row) {
        boolean blocked = false;
        for (String column : List.of("lost", "gonenoaddress")) {
            Optional<Boolean> flag = row.flag(column, false);
            if (flag.isEmpty()) {
                return row.get(column);
            }
            blocked |= flag.get();
        }
        Optional<Boolean> debarred = row.flag("debarred", false)
                .or(() -> PatronDraft.Members.isoDate(csv.days().iso(row.get("debarred")))
                        .map(until -> until.isAfter(json.today())));
        if (debarred.isEmpty() && !csv.days().iso(row.get("debarred")).isEmpty()) {
            return row.get("debarred");
        }
        return (blocked || debarred.orElse(false) ? Status.BLOCKED : Status.ACTIVE).wireName();
    }

    @Override
    public List<String> remarks() {
        return categoriesUnknown == 0
                ? List.of()
                : List.of(String.format(
                        Locale.ROOT,
                        "%,d %s a category code that is not known here and became other; say what it means with"
                                + " --category CODE=adult, and import the file again.",
                        categoriesUnknown,
                        categoriesUnknown == 1 ? "row has" : "rows have"));
    }
}

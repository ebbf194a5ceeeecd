package org.patronvault.patron.transfer.format;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import java.io.IOException;
import java.io.Writer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.SubjectAccessRecord;

/**
 * A writer of patrons as a CSV file with columns of Koha's table {@code borrowers}, which {@link KohaCsv} reads back. A
 * blocked patron gets a restriction without end, as Koha itself writes it.
 */
final class KohaExport implements ExportFormat.File {
    /** Has no column: the suffix of a name. */
    static final String SUFFIX = "suffix";
    /** Has no column: former cards. */
    static final String FORMER_CARDS = "formerCards";
    /** Has no column: that only the director may see address and phone. */
    static final String PROTECTED = "protected";
    /** Has no column: the consents. The importer states the consent to the service again. */
    static final String CONSENTS = "consents";

    private static final LocalDate WITHOUT_END = LocalDate.of(9999, 12, 31);
    private static final String BETWEEN_EMAILS = "; ";

    private static final List<String> COLUMNS = CsvColumns.all(List.of(
            List.of("cardnumber", "surname", "firstname", "middle_name", "preferred_name"),
            List.of("address", "address2", "city", "state", "zipcode", "country"),
            KohaCsv.PHONES,
            KohaCsv.EMAILS,
            List.of("branchcode", "categorycode", "dateenrolled", "dateexpiry", "debarred")));

    private final CsvWriter csv;

    KohaExport(Writer to) {
        this.csv = CsvWriter.builder()
                .quoteStrategy(QuoteStrategies.ALWAYS)
                .bufferSize(0)
                .build(to);
        csv.writeRecord(COLUMNS);
    }

    @Override
    public Set<String> add(SubjectAccessRecord patron) {
        Map<String, String> cells = cells(patron);
        csv.writeRecord(COLUMNS.stream().map(cells::get).map(CsvCell::plain).toList());
        Set<String> lost = new TreeSet<>();
        lose(lost, SUFFIX, !patron.data().name().orElseThrow().suffix().isEmpty());
        lose(lost, FORMER_CARDS, !patron.formerCards().isEmpty());
        lose(lost, PROTECTED, patron.facts().isProtected());
        lose(lost, CONSENTS, !patron.facts().consents().history().isEmpty());
        return lost;
    }

    private static void lose(Set<String> lost, String what, boolean isThere) {
        if (isThere) {
            lost.add(what);
        }
    }

    /** The content of each column. */
    private static Map<String, String> cells(SubjectAccessRecord patron) {
        Map<String, String> cells = new HashMap<>();
        cells.put("cardnumber", patron.data().card().orElseThrow());
        Name name = patron.data().name().orElseThrow();
        cells.put("surname", name.family());
        cells.put("firstname", name.given());
        cells.put("middle_name", name.middle());
        cells.put("preferred_name", name.preferred());
        Address address = patron.data().address().orElseThrow();
        cells.put("address", address.line1());
        cells.put("address2", address.line2());
        cells.put("city", address.city());
        cells.put("state", address.region());
        cells.put("zipcode", address.postalCode());
        cells.put("country", address.country());
        spread(cells, KohaCsv.PHONES, patron.data().phone().orElseThrow());
        spread(cells, KohaCsv.EMAILS, patron.data().email().orElseThrow());
        PatronAttributes attributes = patron.attributes();
        cells.put("branchcode", attributes.library());
        cells.put("categorycode", attributes.category().wireName().toUpperCase(Locale.ROOT));
        cells.put("dateenrolled", attributes.registered().atDay(1).toString());
        cells.put("dateexpiry", attributes.expires().map(LocalDate::toString).orElse(""));
        cells.put("debarred", attributes.status() == Status.BLOCKED ? WITHOUT_END.toString() : "");
        return cells;
    }

    /** Puts one value in each column; values beyond the last column are added to it. */
    private static void spread(Map<String, String> cells, List<String> columns, List<String> values) {
        for (int i = 0; i < columns.size(); i++) {
            List<String> here = new ArrayList<>(values.subList(Math.min(i, values.size()), values.size()));
            boolean last = i == columns.size() - 1;
            cells.put(columns.get(i), String.join(BETWEEN_EMAILS, last || here.isEmpty() ? here : here.subList(0, 1)));
        }
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }
}

package org.patronvault.privacy.retention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.StringWriter;
import java.time.LocalDate;
import java.util.List;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;
import org.patronvault.patron.transfer.format.CsvCell;

/**
 * A fixed list of the patrons that matched a retention rule, to be reviewed and then run.
 *
 * @param asOf the day for which the rule was evaluated
 * @param matching how many of {@code patrons} matched; more than are listed if the list was full
 * @param listed the listed patrons that still exist, in the order of the list
 * @param missing the listed patrons that no longer exist, erased by this run or otherwise
 * @param state {@code open}, {@code running} or {@code done}
 * @param erased how many of the list were erased so far
 */
public record RetentionReview(
        String id,
        String rule,
        LocalDate asOf,
        long matching,
        long patrons,
        List<ListedPatron> listed,
        List<PatronId> missing,
        String state,
        int erased) {

    /** One listed patron. */
    public record ListedPatron(PatronId patron, PatronAttributes attributes) {}

    /** Whether more match than are listed. */
    public boolean hasMore() {
        return matching > listed.size() + (long) missing.size();
    }

    /** The review as JSON, with the list. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("rule", rule)
                .put("asOf", asOf.toString())
                .put("matching", matching)
                .put("of", patrons)
                .put("state", state)
                .put("erased", erased)
                .put("more", hasMore());
        ArrayNode list = json.putArray("patrons");
        for (ListedPatron one : listed) {
            ObjectNode patron = list.addObject()
                    .put("id", one.patron().toString())
                    .put("library", one.attributes().library())
                    .put("category", one.attributes().category().wireName())
                    .put("status", one.attributes().status().wireName());
            one.attributes().expires().ifPresent(day -> patron.put("expires", day.toString()));
        }
        return json;
    }

    /** The list for a spreadsheet (RFC 4180), a header first. */
    public String csv() {
        StringWriter text = new StringWriter();
        CsvWriter csv = CsvWriter.builder().bufferSize(0).build(text);
        csv.writeRecord("id", "library", "category", "status", "expires");
        for (ListedPatron one : listed) {
            csv.writeRecord(
                    one.patron().toString(),
                    CsvCell.plain(one.attributes().library()),
                    one.attributes().category().wireName(),
                    one.attributes().status().wireName(),
                    one.attributes().expires().map(LocalDate::toString).orElse(""));
        }
        return text.toString();
    }
}

package org.patronvault.privacy.statistics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.StringWriter;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.patronvault.patron.transfer.format.CsvCell;

/**
 * A table of statistics.
 *
 * @param day the day of the counts
 * @param floor smaller numbers of patrons are never published
 * @param by the dimensions, in the order of the cells' values
 * @param entry the log entry of the request
 */
public record StatisticsTable(LocalDate day, int floor, List<StatisticsDimension> by, List<Cell> cells, long entry) {
    private static final String COUNT = "count";
    private static final String SUPPRESSED = "suppressed";

    /** A cell: its values in the order of the dimensions; without a count if that would reveal too much of too few. */
    public record Cell(List<String> values, OptionalLong count) {}

    /** The table as JSON. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode names = json.putArray("by");
        by.forEach(one -> names.add(one.wireName()));
        json.put("floor", floor).put("day", day.toString());
        ArrayNode all = json.putArray("cells");
        for (Cell cell : cells) {
            ObjectNode node = all.addObject();
            for (int i = 0; i < by.size(); i++) {
                node.put(by.get(i).wireName(), cell.values().get(i));
            }
            cell.count().ifPresentOrElse(count -> node.put(COUNT, count), () -> node.put(SUPPRESSED, true));
        }
        return json.put("entry", entry);
    }

    /** The table as CSV for a spreadsheet (RFC 4180), a header first; a suppressed cell has no count and says so. */
    public String csv() {
        StringWriter text = new StringWriter();
        CsvWriter csv = CsvWriter.builder().bufferSize(0).build(text);
        List<String> header =
                new ArrayList<>(by.stream().map(StatisticsDimension::wireName).toList());
        header.addAll(List.of(COUNT, SUPPRESSED));
        csv.writeRecord(header);
        for (Cell cell : cells) {
            List<String> record =
                    new ArrayList<>(cell.values().stream().map(CsvCell::plain).toList());
            record.add(cell.count().isPresent() ? Long.toString(cell.count().getAsLong()) : "");
            record.add(Boolean.toString(cell.count().isEmpty()));
            csv.writeRecord(record);
        }
        return text.toString();
    }
}

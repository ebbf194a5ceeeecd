package org.patronvault.privacy.transparency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Year;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The public report of a year.
 *
 * @param years the published years, newest first
 * @param floor smaller numbers are not published
 * @param policy the version in force now
 * @param months the finished months, in their order
 * @param opened the sum of the months' numbers; empty if no month has one
 * @param erased the sum of the months' numbers; empty if no month has one
 * @param requests for records, by outsiders
 * @param checkpoint of the access log, signed when the last month was closed
 */
public record TransparencyReport(
        Year year,
        List<Year> years,
        int floor,
        String policy,
        List<Month> months,
        OptionalLong opened,
        OptionalLong erased,
        Requests requests,
        Optional<String> checkpoint) {

    /**
     * A month.
     *
     * @param opened how often records were opened; empty if fewer than the floor
     * @param erased how often records were erased; empty if fewer than the floor
     */
    public record Month(YearMonth month, OptionalLong opened, OptionalLong erased) {}

    /**
     * Requests for records by outsiders, received in finished months. Each number is empty if it is below the floor, or
     * if a number below the floor could be computed from it.
     *
     * @param refused of these
     * @param complied of these, by a disclosure
     */
    public record Requests(OptionalLong received, OptionalLong refused, OptionalLong complied) {}

    /** The report as JSON. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("year", year.getValue());
        ArrayNode all = json.putArray("years");
        years.forEach(one -> all.add(one.getValue()));
        json.put("floor", floor).put("policy", policy);
        ArrayNode list = json.putArray("months");
        for (Month month : months) {
            put(list.addObject().put("month", month.month().toString()), month.opened(), month.erased());
        }
        put(json.putObject("told"), opened, erased);
        ObjectNode asked = json.putObject("requests");
        asked.set("received", cell(requests.received()));
        asked.set("refused", cell(requests.refused()));
        asked.set("complied", cell(requests.complied()));
        checkpoint.ifPresent(note -> json.put("checkpoint", note));
        return json;
    }

    private static void put(ObjectNode into, OptionalLong opened, OptionalLong erased) {
        into.set("opened", cell(opened));
        into.set("erased", cell(erased));
    }

    private static ObjectNode cell(OptionalLong count) {
        ObjectNode cell = JsonNodeFactory.instance.objectNode();
        return count.isPresent() ? cell.put("count", count.getAsLong()) : cell.put("suppressed", true);
    }
}

package org.patronvault.log.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronId;

/**
 * A report for one patron on each access to their record, in plain words (P2): a visit a line, oldest first. It leaves
 * out the vault's own upkeep and disclosures to authorities. The patron gets a separate notice of a disclosure, or none
 * by order of a court (P10).
 *
 * @param made the time of the report
 * @param zone the time zone of the shown times
 * @param policy the version of the posted policy
 * @param months how many months accesses are kept; empty for as long as there is a log
 * @param entry the log entry of this reading
 */
public record AccessReport(
        PatronId patron,
        Instant made,
        ZoneId zone,
        String policy,
        Optional<Integer> months,
        List<Line> lines,
        long entry) {

    /**
     * One visit.
     *
     * @param what the data seen or the act done, a sentence each
     */
    public record Line(Instant from, Instant to, String who, String why, List<String> what) {}

    /** The lines of some entries about that patron; {@code entries} are oldest first. */
    static List<Line> lines(List<LogReader.Entry> entries, PatronId patron, EntryPhrases words) {
        List<LogReader.Entry> told = entries.stream()
                .filter(entry -> !AccessHistory.isUntold(entry.event()))
                .toList();
        return Visits.in(told).stream().map(visit -> line(visit, patron, words)).toList();
    }

    private static Line line(Visits.Visit visit, PatronId patron, EntryPhrases words) {
        return new Line(
                visit.first().time(),
                visit.end(),
                words.who(visit.first().actor()),
                words.why(visit.first().purpose()),
                visit.entries().stream()
                        .map(entry -> words.what(entry.event(), patron))
                        .distinct()
                        .toList());
    }

    /** The report as JSON. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("patron", patron.toString());
        json.put("made", made.toString());
        json.put("policy", policy);
        months.ifPresent(kept -> json.put("keptMonths", kept));
        ArrayNode list = json.putArray("visits");
        for (Line line : lines) {
            ObjectNode one = list.addObject()
                    .put("from", line.from().toString())
                    .put("to", line.to().toString())
                    .put("who", line.who())
                    .put("why", line.why());
            ArrayNode what = one.putArray("what");
            line.what().forEach(what::add);
        }
        return json.put("entry", entry);
    }
}

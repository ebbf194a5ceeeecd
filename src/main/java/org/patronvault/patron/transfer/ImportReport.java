package org.patronvault.patron.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.patron.record.ImportRow.Reason;
import org.patronvault.patron.record.ImportRow.RefusedRow;

/**
 * The numbers, lines and reasons of an import. It holds no value of any row. Filled while the rows pass; not safe for
 * use by several threads.
 */
public final class ImportReport {
    /** The most refused rows that are listed one by one; the rest is only counted. */
    public static final int MAX_LISTED_REFUSALS = 10_000;

    private static final int LINES_SHOWN = 20;

    /** The result of a row that was not refused. */
    public enum Outcome {
        CREATED,
        UPDATED,
        UNCHANGED
    }

    /**
     * One refused row.
     *
     * @param reason a stable slug: {@link Reason#slug}, or that of a refusal after reading, such as
     *     {@code card-in-use}
     */
    public record Refusal(long line, String reason) {}

    private final List<Refusal> refusals = new ArrayList<>();
    private final SortedMap<String, Long> refusedByReason = new TreeMap<>();
    private final SortedMap<String, Long> dropped = new TreeMap<>();
    private long created;
    private long updated;
    private long unchanged;
    private long refused;

    /** Counts a row and the names of its dropped values. */
    public void count(Outcome outcome, Set<String> droppedNames) {
        switch (outcome) {
            case CREATED -> created++;
            case UPDATED -> updated++;
            case UNCHANGED -> unchanged++;
        }
        countDropped(droppedNames);
    }

    /** Counts a row that its reader refused. */
    public void refuse(RefusedRow row) {
        refuse(row.line(), row.reason(), row.dropped());
    }

    /** Counts a row that was refused after reading, such as for a card that another patron has. */
    public void refuse(long line, String reason, Set<String> droppedNames) {
        refused++;
        refusedByReason.merge(reason, 1L, Long::sum);
        if (refusals.size() < MAX_LISTED_REFUSALS) {
            refusals.add(new Refusal(line, reason));
        }
        countDropped(droppedNames);
    }

    /** New patrons. */
    public long created() {
        return created;
    }

    /** Patrons that existed with other values. */
    public long updated() {
        return updated;
    }

    /** Patrons that existed with the same values. */
    public long unchanged() {
        return unchanged;
    }

    /** How many rows were refused, listed or not. */
    public long refusedCount() {
        return refused;
    }

    /** The first {@value #MAX_LISTED_REFUSALS} refused rows, in the order of the file. */
    public List<Refusal> refused() {
        return refusals.stream().sorted(Comparator.comparingLong(Refusal::line)).toList();
    }

    /** In how many rows each dropped name occurred, refused rows included. */
    public SortedMap<String, Long> dropped() {
        return new TreeMap<>(dropped);
    }

    /**
     * The report as {@code patrons import --json} prints it:
     * {@code {"created","updated","unchanged","refused":[{"line","reason"}],"dropped":{name:rows}}}, and
     * {@code "refusedMore"}, the number of those not listed, if there are any.
     */
    public JsonNode toJson() {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("created", created);
        report.put("updated", updated);
        report.put("unchanged", unchanged);
        ArrayNode list = report.putArray("refused");
        refused()
                .forEach(refusal -> list.addObject().put("line", refusal.line()).put("reason", refusal.reason()));
        if (refused > refusals.size()) {
            report.put("refusedMore", refused - refusals.size());
        }
        ObjectNode names = report.putObject("dropped");
        dropped.forEach(names::put);
        return report;
    }

    /** The report for the person who ran the import, in lines that end with a line feed. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        long read = created + updated + unchanged + refused;
        text.append(rows(read)).append(" read: ");
        text.append(created).append(" new, ").append(updated).append(" changed, ");
        text.append(unchanged).append(" already up to date, ").append(refused).append(" refused.\n");
        if (refused > 0) {
            text.append("\nRefused; correct these rows and import the file again:\n");
            refusedByReason.forEach((reason, count) -> refusedText(text, reason, count));
        }
        if (!dropped.isEmpty()) {
            text.append("\nLeft out, because the policy does not let the vault hold it:\n");
            dropped.forEach((name, count) -> text.append("  ")
                    .append(name)
                    .append(", in ")
                    .append(rows(count))
                    .append('\n'));
        }
        return text.toString();
    }

    private void refusedText(StringBuilder text, String reason, long count) {
        List<String> lines = refused().stream()
                .filter(refusal -> refusal.reason().equals(reason))
                .limit(LINES_SHOWN)
                .map(refusal -> Long.toString(refusal.line()))
                .toList();
        text.append("  ").append(rows(count)).append(": ").append(explanation(reason));
        if (!lines.isEmpty()) {
            text.append(lines.size() == 1 ? " (line " : " (lines ").append(String.join(", ", lines));
            text.append(count > lines.size() ? " and " + (count - lines.size()) + " more)" : ")");
        }
        text.append('\n');
    }

    private static String explanation(String slug) {
        for (Reason reason : Reason.values()) {
            if (reason.slug().equals(slug)) {
                return reason.explanation();
            }
        }
        return slug;
    }

    private static String rows(long count) {
        return count == 1 ? "1 row" : count + " rows";
    }

    private void countDropped(Set<String> names) {
        names.forEach(name -> dropped.merge(name, 1L, Long::sum));
    }
}

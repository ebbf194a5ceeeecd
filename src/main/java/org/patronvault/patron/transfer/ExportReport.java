package org.patronvault.patron.transfer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.core.model.PatronId;
import org.patronvault.patron.check.PatronIntegrityCheck;

/**
 * The numbers of exported and omitted patrons, and the ids of the unreadable ones. It holds no personal value. Filled
 * as the patrons pass; not safe for use by several threads.
 */
public final class ExportReport {
    /** The most patrons that are listed one by one; the rest is only counted. */
    private static final int MAX_LISTED = 10_000;

    /** The reason why a patron is not in the file; the order is that of the report. */
    enum LeftOut {
        /** Withdrew the consent to the service: nothing is sent to another system any more (P6). */
        WITHDRAWN("withdrawn", "have taken back the consent to the service, and wait to be erased"),
        /** Is a decoy, so does not exist. */
        DECOYS("decoys", "are decoys"),
        /** The policy does not let the caller open the patron. */
        NOT_ALLOWED("notAllowed", "the policy does not let this role export");

        private final String member;
        private final String sentence;

        LeftOut(String member, String sentence) {
            this.member = member;
            this.sentence = sentence;
        }
    }

    private final SortedMap<String, Long> libraries = new TreeMap<>();
    private final SortedMap<LeftOut, Long> leftOut = new TreeMap<>();
    private final SortedMap<String, Long> losses = new TreeMap<>();
    private final List<PatronIntegrityCheck.Finding> problems = new ArrayList<>();
    private long exported;
    private long unreadable;

    void count(String library, Iterable<String> lost) {
        exported++;
        libraries.merge(library, 1L, Long::sum);
        lost.forEach(what -> losses.merge(what, 1L, Long::sum));
    }

    void leaveOut(LeftOut why) {
        leftOut.merge(why, 1L, Long::sum);
    }

    void unreadable(PatronId patron) {
        unreadable++;
        if (problems.size() < MAX_LISTED) {
            problems.add(PatronIntegrityCheck.unreadable(patron));
        }
    }

    /** How many patrons are in the file. */
    public long exported() {
        return exported;
    }

    /** How many could not be read. */
    public long unreadable() {
        return unreadable;
    }

    /** The listed unreadable patrons, as {@code check} names them. */
    public List<PatronIntegrityCheck.Finding> problems() {
        return List.copyOf(problems);
    }

    /** How many patrons had data that the format has no room for, by name of the data. */
    public Map<String, Long> losses() {
        return Map.copyOf(losses);
    }

    /** The report as one JSON document. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("exported", exported);
        ObjectNode byLibrary = json.putObject("libraries");
        libraries.forEach(byLibrary::put);
        ObjectNode without = json.putObject("leftOut");
        for (LeftOut why : LeftOut.values()) {
            without.put(why.member, leftOut.getOrDefault(why, 0L));
        }
        ObjectNode lost = json.putObject("losses");
        losses.forEach(lost::put);
        ArrayNode list = json.putArray("problems");
        for (PatronIntegrityCheck.Finding finding : problems) {
            list.addObject()
                    .put("patron", finding.patron().orElseThrow().toString())
                    .put("field", finding.field())
                    .put("what", finding.what());
        }
        if (unreadable > problems.size()) {
            json.put("more", unreadable - problems.size());
        }
        return json;
    }

    /** The report as text for people. */
    public String toText() {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%,d patrons exported.%n", exported));
        libraries.forEach((library, n) -> text.append(String.format(Locale.ROOT, "  %s: %,d%n", library, n)));
        leftOut.forEach((why, n) -> text.append(String.format(Locale.ROOT, "%,d left out: %s.%n", n, why.sentence)));
        losses.forEach((what, n) ->
                text.append(String.format(Locale.ROOT, "The format has no room for %s, which %,d had.%n", what, n)));
        if (unreadable > 0) {
            text.append(String.format(Locale.ROOT, "%,d could NOT be read; `check` says what is wrong:%n", unreadable));
            problems.forEach(finding ->
                    text.append("  ").append(finding.patron().orElseThrow()).append('\n'));
        }
        return text.toString().stripTrailing();
    }
}

package org.patronvault.upkeep.leakage;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The facts that a stolen copy of the database shows, and those that it must never show.
 *
 * @param faults what no copy may show, and this database does
 * @param shows what a thief learns, with counts taken from the database
 * @param neverShows what a thief does not learn
 * @param columns each column of each table
 * @param remarks what the counts leave out
 */
public record LeakageReport(
        List<Fault> faults,
        List<Fact> shows,
        List<String> neverShows,
        Map<String, Column> columns,
        List<String> remarks) {

    /**
     * Something that no copy may show.
     *
     * @param what a stable word: {@code unknown-column}, {@code repeated-bytes} or {@code unknown-value}
     * @param sentence what was found, and the cure; never a value
     */
    public record Fault(String column, String what, String sentence) {}

    /**
     * A fact that a copy shows.
     *
     * @param name a stable word
     * @param sentence for people
     * @param counts by stable names: numbers, texts, or maps of such
     */
    public record Fact(String name, String sentence, Map<String, Object> counts) {}

    /**
     * A column, and what was counted in it.
     *
     * @param kind a stable word: {@code clear}, {@code patron} (a patron's random number), {@code random}, {@code
     *     random-or-again} (a repeat means that the same request came again) or {@code unknown}
     * @param content what the column holds
     * @param values the number of values
     * @param lengths of values that must look random: by length in bytes, the number of values
     * @param repeats how often eight bytes of a value that must look random were in the column before
     */
    public record Column(String kind, String content, long values, SortedMap<Integer, Long> lengths, long repeats) {}

    /** Whether nothing was found that no copy may show. */
    public boolean ok() {
        return faults.isEmpty();
    }
}

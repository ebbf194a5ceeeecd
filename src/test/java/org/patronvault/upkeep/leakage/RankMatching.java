package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The attack with a frequency table of surnames. The thief groups patrons by any feature that tells them apart, and
 * assigns the most frequent surname to the largest group, and so on. Not thread safe.
 */
final class RankMatching {
    /**
     * The result of the attack.
     *
     * @param by the feature for the groups
     * @param recovered how many patrons got their own surname
     * @param byChance how many would if surnames and groups were independent
     */
    record Outcome(String by, long recovered, double byChance) {}

    private final Map<String, long[]> features = new TreeMap<>();
    private final int patrons;

    RankMatching(int patrons) {
        this.patrons = patrons;
    }

    /** Notes a feature's value for a patron. The order of several values does not matter. */
    void note(String feature, int patron, long value) {
        long mixed = (value ^ (value >>> 31)) * 0xbf58476d1ce4e5b9L;
        features.computeIfAbsent(feature, any -> new long[patrons])[patron] += (mixed ^ (mixed >>> 29)) | (1L << 62);
    }

    /**
     * Returns the feature that recovers most surnames, first those beyond chance.
     *
     * @param table the number of surnames in the table
     */
    Outcome best(Sample sample, int table) {
        return features.entrySet().stream()
                .map(feature -> play(feature.getKey(), feature.getValue(), sample, table))
                .max(Comparator.comparing((Outcome o) -> Chance.isExceeded(o.byChance(), o.recovered()))
                        .thenComparing(Outcome::recovered))
                .orElse(new Outcome("nothing", 0, 0));
    }

    private static Outcome play(String by, long[] values, Sample sample, int table) {
        Map<Long, List<Integer>> groups = new HashMap<>();
        for (int patron = 0; patron < values.length; patron++) {
            // A patron without the feature is in no group.
            if (values[patron] != 0) {
                groups.computeIfAbsent(values[patron], any -> new ArrayList<>()).add(patron);
            }
        }
        List<Map.Entry<Long, List<Integer>>> largestFirst = new ArrayList<>(groups.entrySet());
        largestFirst.sort(Comparator.comparing((Map.Entry<Long, List<Integer>> group) ->
                        -group.getValue().size())
                .thenComparing(Map.Entry::getKey));
        Map<Integer, Long> bearers = sample.bearers();
        long recovered = 0;
        double byChance = 0;
        for (int rank = 0; rank < Math.min(table, largestFirst.size()); rank++) {
            int surname = rank;
            List<Integer> group = largestFirst.get(rank).getValue();
            recovered += group.stream()
                    .filter(patron -> sample.surnames()[patron] == surname)
                    .count();
            byChance += group.size() * (double) bearers.getOrDefault(surname, 0L) / sample.size();
        }
        return new Outcome(by, recovered, byChance);
    }

    /** The number of features. */
    int features() {
        return features.size();
    }
}

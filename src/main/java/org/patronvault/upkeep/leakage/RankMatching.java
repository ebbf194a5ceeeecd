package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a thief does who has a table of surnames by how frequent they are: whatever he can tell patrons apart by, he puts
 * them into groups by it, and says that those of the largest group bear the most frequent surname, and so on. Not for
 * use by several threads.
 */
final class RankMatching {
    /**
     * How it came out.
     *
     * @param by what the patrons were grouped by
     * @param recovered of how many patrons the surname was right
     * @param byChance of how many it would be where surnames had nothing to do with the groups
     */
    record Outcome(String by, long recovered, double byChance) {}

    private final Map<String, long[]> features = new TreeMap<>();
    private final int patrons;

    RankMatching(int patrons) {
        this.patrons = patrons;
    }

    /** Something is so of a patron; of what is said of one twice the order does not matter. */
    void note(String feature, int patron, long value) {
        long mixed = (value ^ (value >>> 31)) * 0xbf58476d1ce4e5b9L;
        features.computeIfAbsent(feature, any -> new long[patrons])[patron] += (mixed ^ (mixed >>> 29)) | (1L << 62);
    }

    /**
     * By what most surnames come out right, those first that chance does not explain.
     *
     * @param table how many surnames the table has
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
            // Of whom nothing is so, he is in no group.
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

    /** How many ways there are to tell patrons apart. */
    int features() {
        return features.size();
    }
}

package org.patronvault.app.madeup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Names drawn by frequency. Ranks in the table have the shares given there. The rest is the tail: a rank's share is the
 * table's last share times the table's last rank over this rank (Zipf's law). The ranks end where the shares sum to
 * one. For surnames that is after some seven million names. The United States census of 2010 counted 6.3 million.
 */
final class NameFrequencies {
    private static final int MAX_TRIES = 3;

    private final List<String> table = new ArrayList<>();
    private final double[] upTo;
    private final double tableShare;
    private final double lastRank;
    private final List<String> beyond;
    private final Set<String> known;
    private final SyllableNames syllables;

    NameFrequencies(String tableResource, String beyondResource, SyllableNames syllables) {
        List<String> rows = WordLists.of(tableResource);
        this.upTo = new double[rows.size()];
        double sum = 0;
        double last = 0;
        for (int i = 0; i < rows.size(); i++) {
            String[] row = rows.get(i).split(",", -1);
            table.add(row[0]);
            last = Double.parseDouble(row[1]);
            sum += last;
            upTo[i] = sum;
        }
        this.tableShare = sum;
        this.lastRank = rows.size() * Math.exp((1 - sum) / (last * rows.size()));
        this.beyond = WordLists.of(beyondResource);
        this.known = new HashSet<>(table);
        this.known.addAll(beyond);
        this.syllables = syllables;
    }

    /** The names of the table, most frequent first. */
    List<String> table() {
        return List.copyOf(table);
    }

    /** Draws a name by its frequency. */
    String name(SeededRandom draw) {
        double share = draw.share();
        if (share < tableShare) {
            int found = Arrays.binarySearch(upTo, share);
            return table.get(Math.min(table.size() - 1, found < 0 ? -found - 1 : found + 1));
        }
        double along = (share - tableShare) / (1 - tableShare);
        double rank = table.size() * Math.pow(lastRank / table.size(), along);
        return inTail((int) (rank - table.size()));
    }

    /** The greatest possible number of different names. */
    int ranks() {
        return (int) lastRank;
    }

    private String inTail(int index) {
        if (index < beyond.size()) {
            return beyond.get(index);
        }
        String name = syllables.name(index - beyond.size(), table);
        // Syllables may form a name of the table, which would then be too frequent.
        for (int i = 1; known.contains(name) && i <= MAX_TRIES; i++) {
            name = syllables.name(index + i * ranks(), table);
        }
        return name;
    }
}

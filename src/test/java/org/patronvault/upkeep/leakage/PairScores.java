package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.BitSet;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The co-occurrence scores of all pairs of some patrons, and how well they reveal shared surnames. A score is the count
 * of both together over the counts of either (the cosine). A patron with many lookups thus does not seem related to
 * everyone. Needs 32 bytes a pair. Not thread safe.
 */
public final class PairScores {
    private final int patrons;
    /** By patron, the pairs with a higher number. */
    private final double[][] together;

    private final double[] seen;

    /** Creates empty scores. */
    PairScores(int patrons) {
        this.patrons = patrons;
        this.together = triangle();
        this.seen = new double[patrons];
    }

    private double[][] triangle() {
        return IntStream.range(0, patrons)
                .mapToObj(a -> new double[patrons - 1 - a])
                .toArray(double[][]::new);
    }

    private void add(int a, int b, double weight) {
        together[Math.min(a, b)][Math.abs(a - b) - 1] += weight;
    }

    /** Counts patrons that were seen in one place. */
    void together(BitSet who) {
        who.stream().forEach(a -> {
            seen[a]++;
            for (int b = who.nextSetBit(a + 1); b >= 0; b = who.nextSetBit(b + 1)) {
                add(a, b, 1);
            }
        });
    }

    /** Counts each of {@code some} as seen near each of {@code others}. */
    void near(BitSet some, BitSet others, double weight) {
        some.stream().forEach(a -> others.stream().filter(b -> a != b).forEach(b -> add(a, b, weight)));
        some.stream().forEach(a -> seen[a] += weight);
        others.stream().forEach(b -> seen[b] += weight);
    }

    /** The sum of all counts of pairs. */
    public double sum() {
        return Arrays.stream(together).flatMapToDouble(Arrays::stream).sum();
    }

    private double score(int a, int b) {
        double both = together[a][b - a - 1];
        return both == 0 ? 0 : both / Math.sqrt(seen[a] * seen[b]);
    }

    /** Returns the pairs in the order of their scores. */
    public Ranking ranked() {
        return new Ranking();
    }

    /** The rank of each pair by score, from 1 up. Equal scores share the middle rank. */
    public final class Ranking {
        private final double[][] rank = triangle();

        private Ranking() {
            double[] sorted = new double[patrons * (patrons - 1) / 2];
            int n = 0;
            for (int a = 0; a < patrons; a++) {
                for (int b = a + 1; b < patrons; b++) {
                    sorted[n++] = score(a, b);
                }
            }
            Arrays.parallelSort(sorted);
            for (int a = 0; a < patrons; a++) {
                for (int b = a + 1; b < patrons; b++) {
                    double score = score(a, b);
                    rank[a][b - a - 1] = (below(sorted, score) + below(sorted, Math.nextUp(score)) + 1) / 2.0;
                }
            }
        }

        private static int below(double[] sorted, double score) {
            int from = 0;
            int to = sorted.length;
            while (from < to) {
                int middle = (from + to) >>> 1;
                if (sorted[middle] < score) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            return from;
        }

        /**
         * Returns the area under the ROC curve: the probability that a pair of one surname scores higher than a pair of
         * two. It is 1 if the scores separate them, and 0.5 if they say nothing or no such pair exists.
         *
         * @param surnames by patron, equal numbers for equal surnames
         */
        public double area(int[] surnames) {
            DoubleSummaryStatistics equal = new DoubleSummaryStatistics();
            forEachEqual(surnames, equal);
            long same = equal.getCount();
            long others = pairs() - same;
            return same == 0 || others == 0 ? 0.5 : (equal.getSum() - same * (same + 1) / 2.0) / same / others;
        }

        private long pairs() {
            return patrons * (patrons - 1L) / 2;
        }

        private void forEachEqual(int[] surnames, DoubleConsumer ranks) {
            Map<Integer, List<Integer>> bearers =
                    IntStream.range(0, patrons).boxed().collect(Collectors.groupingBy(patron -> surnames[patron]));
            for (List<Integer> of : bearers.values()) {
                for (int i = 0; i < of.size(); i++) {
                    for (int j = i + 1; j < of.size(); j++) {
                        ranks.accept(rank[of.get(i)][of.get(j) - of.get(i) - 1]);
                    }
                }
            }
        }

        /** Whether the rank is in the upper half. If most scores are equal, only the higher ones are. */
        private boolean isHigh(double place) {
            return place > (pairs() + 1) / 2.0;
        }

        /** Returns how many pairs of one surname have a high score. */
        long high(int[] surnames) {
            long[] high = new long[1];
            forEachEqual(surnames, place -> high[0] += isHigh(place) ? 1 : 0);
            return high[0];
        }

        /** Returns the share of high scores among all pairs. */
        double shareOfHigh() {
            return (double) Arrays.stream(rank)
                            .flatMapToDouble(Arrays::stream)
                            .filter(this::isHigh)
                            .count()
                    / pairs();
        }

        /** Returns the standard deviation of {@link #area} under {@code times} random permutations of the surnames. */
        public double spread(int[] surnames, int times, Random random) {
            int[] dealt = Arrays.copyOf(surnames, patrons);
            double squares = 0;
            for (int n = 0; n < times; n++) {
                for (int i = dealt.length - 1; i > 0; i--) {
                    int j = random.nextInt(i + 1);
                    int kept = dealt[i];
                    dealt[i] = dealt[j];
                    dealt[j] = kept;
                }
                double off = area(dealt) - 0.5;
                squares += off * off;
            }
            return Math.sqrt(squares / times);
        }
    }
}

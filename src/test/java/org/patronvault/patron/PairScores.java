package org.patronvault.patron;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How much each two of some patrons have been seen together, and how well that tells which two bear one surname. The
 * score of a pair is what was seen of both, over what was seen of either (the cosine), so that who is looked up often
 * is not thought to be everybody's relative. Not for use by several threads.
 */
final class PairScores {
    private final int patrons;
    private final double[][] together;
    private final double[] seen;

    /** Nobody has been seen yet. */
    PairScores(int patrons) {
        this.patrons = patrons;
        this.together = new double[patrons][patrons];
        this.seen = new double[patrons];
    }

    /** They were seen in one place. */
    void together(BitSet who) {
        who.stream().forEach(a -> {
            seen[a]++;
            for (int b = who.nextSetBit(a + 1); b >= 0; b = who.nextSetBit(b + 1)) {
                together[a][b]++;
            }
        });
    }

    /** Each of some was seen near each of others. */
    void near(BitSet some, BitSet others, double weight) {
        some.stream()
                .forEach(a -> others.stream().filter(b -> a != b).forEach(b -> {
                    together[Math.min(a, b)][Math.max(a, b)] += weight;
                }));
        some.stream().forEach(a -> seen[a] += weight);
        others.stream().forEach(b -> seen[b] += weight);
    }

    /** How often anybody was seen together with somebody else. */
    double sum() {
        return Arrays.stream(together).flatMapToDouble(Arrays::stream).sum();
    }

    private double score(int a, int b) {
        return together[a][b] == 0 ? 0 : together[a][b] / Math.sqrt(seen[a] * seen[b]);
    }

    /** The pairs in the order of their scores. */
    Ranking ranked() {
        return new Ranking();
    }

    /** Each pair's place among all by its score, from 1 up; equal scores share the middle of their places. */
    final class Ranking {
        private final double[][] rank = new double[patrons][patrons];

        private Ranking() {
            int[][] pairs = IntStream.range(0, patrons)
                    .boxed()
                    .flatMap(a -> IntStream.range(a + 1, patrons).mapToObj(b -> new int[] {a, b}))
                    .sorted(Comparator.comparingDouble(pair -> score(pair[0], pair[1])))
                    .toArray(int[][]::new);
            int end;
            for (int start = 0; start < pairs.length; start = end) {
                double score = score(pairs[start][0], pairs[start][1]);
                end = start;
                while (end < pairs.length && score(pairs[end][0], pairs[end][1]) == score) {
                    end++;
                }
                for (int i = start; i < end; i++) {
                    rank[pairs[i][0]][pairs[i][1]] = (start + 1 + end) / 2.0;
                }
            }
        }

        /**
         * How probable it is that of two pairs, one of one surname and one of two, the first has the higher score (the
         * area under the ROC curve): 1 if the scores tell them apart, 0.5 if they say nothing.
         */
        double area(int[] surnames) {
            double ranks = 0;
            long same = 0;
            for (int a = 0; a < patrons; a++) {
                for (int b = a + 1; b < patrons; b++) {
                    if (surnames[a] == surnames[b]) {
                        ranks += rank[a][b];
                        same++;
                    }
                }
            }
            long others = patrons * (patrons - 1L) / 2 - same;
            return (ranks - same * (same + 1) / 2.0) / same / others;
        }

        /** The standard deviation of {@link #area} where the surnames are dealt out at random, {@code times} times. */
        double spread(int[] surnames, int times, Random random) {
            int[] dealt = surnames.clone();
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

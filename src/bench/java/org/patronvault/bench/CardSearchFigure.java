package org.patronvault.bench;

import java.io.IOException;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Search by card with four fields revealed, over HTTP. */
final class CardSearchFigure implements Figure {
    private static final int CHECKED = 200;
    private static final double MILLI = 1e6;

    @Override
    public String name() {
        return "search";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Options options = rig.options();
        int rounds = options.rounds();
        double[][] rate = new double[2][rounds];
        double[][] p50 = new double[2][rounds];
        double[][] p99 = new double[2][rounds];
        try (Rig.Serving vault = rig.serve(rig.vault());
                Rig.Serving twin = rig.serve(rig.twin())) {
            Load[] loads = {load(rig, vault), load(rig, twin)};
            for (Load load : loads) {
                load.throughput(options.connections(), options.warmSeconds(), 0);
            }
            for (int round = 0; round < rounds; round++) {
                for (int s = 0; s < 2; s++) {
                    rate[s][round] = loads[s].throughput(options.connections(), options.seconds(), 1 + round);
                }
                Bench.tell("search by card, vault: %.0f/s, twin: %.0f/s", rate[0][round], rate[1][round]);
            }
            for (int round = 0; round < rounds; round++) {
                for (int s = 0; s < 2; s++) {
                    Histogram seen = loads[s].latency(1, options.rate(), options.seconds(), 100_000 + round);
                    p50[s][round] = seen.getValueAtPercentile(50) / MILLI;
                    p99[s][round] = seen.getValueAtPercentile(99) / MILLI;
                }
                Bench.tell("search by card, p99, vault: %.2f ms, twin: %.2f ms", p99[0][round], p99[1][round]);
            }
        }
        String due = "one connection, " + options.rate() + " requests a second due at fixed moments, latency counted"
                + " from the moment a request was due";
        return List.of(
                Reading.of(
                                "search-card",
                                "search by card, four fields revealed",
                                "answers/s",
                                new Series(rate[0]),
                                options.connections() + " connections, each with one request under way")
                        .beside(new Series(rate[1]))
                        .atLeastOfTwin(0.4),
                Reading.of("search-card-p50", "the same at one connection, p50", "ms", new Series(p50[0]), due)
                        .beside(new Series(p50[1])),
                Reading.of("search-card-p99", "the same at one connection, p99", "ms", new Series(p99[0]), due)
                        .beside(new Series(p99[1]))
                        .atMost(5));
    }

    private static Load load(Rig rig, Rig.Serving serving) throws IOException {
        Cards cards = new Cards(rig, serving.side());
        cards.checkWhole(serving.port(), CHECKED);
        return new Load(serving.port(), cards);
    }
}

package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.patronvault.app.madeup.MadeUpFile;
import org.patronvault.app.madeup.MadeUpPatrons;

/** How long one caller waits for what a desk types, and how much of that comes of the number of patrons. */
final class FindFigure implements Figure {
    private static final int FEW = 10_000;
    private static final double MILLI = 1e6;

    @Override
    public String name() {
        return "find";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Options options = rig.options();
        MadeUpPatrons few = new MadeUpPatrons(options.seed(), Math.min(FEW, options.patrons()), Options.DAY);
        Path file = rig.scratch("few.jsonl");
        MadeUpFile.vaultJsonl(few, file);
        Path small = rig.scratch("few-vault");
        rig.importInto(rig.vault(), small, file, few.size());
        Map<BenchDesk.Typed, double[]> p95 = new EnumMap<>(BenchDesk.Typed.class);
        for (BenchDesk.Typed typed : BenchDesk.Typed.values()) {
            p95.put(typed, new double[options.rounds()]);
        }
        double[][] card = new double[2][options.rounds()];
        double[][] cost = new double[2][options.rounds()];
        try (Rig.Serving large = rig.serve(rig.vault());
                Rig.Serving beside = rig.serve(rig.vault(), small)) {
            warm(rig, large, rig.patrons());
            warm(rig, beside, few);
            for (int round = 0; round < options.rounds(); round++) {
                for (BenchDesk.Typed typed : BenchDesk.Typed.values()) {
                    Quiet.await(List.of(large.process(), beside.process()));
                    rig.readThrough(rig.vault());
                    Histogram seen = oneCaller(rig, large, rig.patrons(), typed, round);
                    p95.get(typed)[round] = seen.getValueAtPercentile(95) / MILLI;
                    if (typed == BenchDesk.Typed.CARD) {
                        card[0][round] = seen.getValueAtPercentile(50) / MILLI;
                        Quiet.await(List.of(large.process(), beside.process()));
                        card[1][round] =
                                oneCaller(rig, beside, few, typed, round).getValueAtPercentile(50) / MILLI;
                    }
                    Bench.tell("find by %s, p95: %.2f ms", typed.words(), p95.get(typed)[round]);
                }
                if (Memory.isTold()) {
                    cost[0][round] = microsOfAnAnswer(rig, large, rig.patrons(), round);
                    cost[1][round] = microsOfAnAnswer(rig, beside, few, round);
                }
            }
        }
        List<Reading> readings = new ArrayList<>();
        String note =
                "one connection, the next request sent once the answer is there; by whom a patron drawn at random is"
                        + " found; names of all shown decrypted and logged";
        p95.forEach((typed, series) -> readings.add(Reading.of(
                        "find-" + typed.words(),
                        "found by " + typed.words().replace('-', ' ') + ", one caller, p95",
                        "ms",
                        new Series(series),
                        note)
                .atMost(typed.mostMillis())));
        readings.add(Reading.of(
                        "find-growth",
                        "found by card, p50 over that with " + few.size() + " patrons",
                        "times",
                        new Series(card[0]).over(new Series(card[1])),
                        note)
                .atMost(1.5));
        if (Memory.isTold()) {
            readings.add(Reading.of(
                            "find-growth-processor",
                            "the same of the processor time of an answer",
                            "times",
                            new Series(cost[0]).over(new Series(cost[1])),
                            options.connections() + " connections, each with one request under way; what is left to be"
                                    + " done later included")
                    .atMost(1.5));
        }
        return readings;
    }

    private static double microsOfAnAnswer(Rig rig, Rig.Serving serving, MadeUpPatrons patrons, int round)
            throws IOException, InterruptedException {
        Options options = rig.options();
        Quiet.await(List.of(serving.process()));
        Duration before = serving.process().processorTime();
        double rate = new Load(serving.port(), desk(rig, patrons, Optional.of(BenchDesk.Typed.CARD)))
                .throughput(options.connections(), options.seconds(), 300_000 + round);
        Quiet.await(List.of(serving.process()));
        Duration taken = serving.process().processorTime().minus(before);
        return taken.toNanos() / 1e3 / (rate * options.seconds());
    }

    private static void warm(Rig rig, Rig.Serving serving, MadeUpPatrons patrons) throws InterruptedException {
        new Load(serving.port(), desk(rig, patrons, Optional.empty()))
                .throughput(1, rig.options().warmSeconds(), 0);
    }

    private static BenchDesk desk(Rig rig, MadeUpPatrons patrons, Optional<BenchDesk.Typed> typed) {
        return new BenchDesk(patrons, rig.options().seed(), rig.vault().token(), typed);
    }

    private static Histogram oneCaller(
            Rig rig, Rig.Serving serving, MadeUpPatrons patrons, BenchDesk.Typed typed, int round)
            throws InterruptedException {
        return new Load(serving.port(), desk(rig, patrons, Optional.of(typed)))
                .oneAfterAnother(rig.options().seconds(), 200_000 + round);
    }
}

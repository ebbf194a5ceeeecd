package org.patronvault.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Rotation of every patron field's KEK: alone, and beside desks that look patrons up. */
final class RotateFigure implements Figure {
    private static final int DESKS = 4;
    private static final double MILLI = 1e6;
    private static final String ALL = "all";
    private static final String ONE = "phone";

    @Override
    public String name() {
        return "rotate";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Options options = rig.options();
        int rounds = options.rounds();
        double[] alone = new double[rounds];
        double[] one = new double[rounds];
        double[] quiet = new double[rounds];
        double[] rotating = new double[rounds];
        double[] beside = new double[rounds];
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            Custodian custodian = new Custodian(serving.port());
            Cards cards = new Cards(rig, rig.vault());
            cards.checkWhole(serving.port(), DESKS);
            Load desks = new Load(serving.port(), cards);
            warm(custodian, options.warmSeconds());
            for (int round = 0; round < rounds; round++) {
                alone[round] = valuesPerSecond(custodian, ALL);
                one[round] = valuesPerSecond(custodian, ONE);
                Bench.tell("rewrap: %.0f values/s; of one field: %.0f values/s", alone[round], one[round]);
            }
            desks.throughput(DESKS, options.warmSeconds(), 0);
            for (int round = 0; round < rounds; round++) {
                quiet[round] = p99(desks, options, 200_000 + round);
                List<String> begun = custodian.rotate(ALL);
                rotating[round] = p99(desks, options, 200_000 + round);
                beside[round] = custodian.movedByRunning(begun) / (double) options.seconds();
                custodian.await(begun);
                Bench.tell(
                        "look-up, p99: %.2f ms, while a rotation runs: %.2f ms; rewrap then: %.0f values/s",
                        quiet[round], rotating[round], beside[round]);
            }
        }
        String due = DESKS + " connections, " + options.rate() + " requests a second due at fixed moments, latency"
                + " counted from the moment a request was due; the same requests without and with a rotation, in turn";
        Series without = new Series(quiet);
        Series with = new Series(rotating);
        return List.of(
                Reading.of(
                                "rewrap",
                                "rewrap",
                                "values/s",
                                new Series(alone),
                                "all fields of all patrons, nobody at a desk, after such rotations as warming; from the"
                                        + " request that begins it until its operation is done")
                        .atLeast(60_000),
                Reading.of(
                        "rewrap-one",
                        "rewrap of one field alone",
                        "values/s",
                        new Series(one),
                        "the same with the phone numbers of all patrons only"),
                Reading.of("look-up-p99", "look-up beside no rotation, p99", "ms", without, due),
                Reading.of("look-up-rotating-p99", "look-up beside a rotation, p99", "ms", with, due),
                Reading.of("look-up-rotating-ratio", "the second over the first", "", with.over(without), "")
                        .atMost(3),
                Reading.of("rewrap-beside", "rewrap beside those look-ups", "values/s", new Series(beside), ""));
    }

    private static void warm(Custodian custodian, int seconds) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            double ignored = valuesPerSecond(custodian, ALL);
        }
    }

    private static double valuesPerSecond(Custodian custodian, String name) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long moved = custodian.await(custodian.rotate(name));
        return moved / ((System.nanoTime() - start) / 1e9);
    }

    private static double p99(Load desks, Options options, long stream) throws InterruptedException {
        Histogram seen = desks.latency(DESKS, options.rate(), options.seconds(), stream);
        return seen.getValueAtPercentile(99) / MILLI;
    }
}

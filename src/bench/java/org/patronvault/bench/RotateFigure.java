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
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            Custodian custodian = new Custodian(serving.port());
            CardSearches cards = new CardSearches(rig, rig.vault());
            cards.checkWhole(serving.port(), DESKS);
            Load desks = new Load(serving.port(), cards);
            warm(custodian, options.warmSeconds());
            for (int round = 0; round < rounds; round++) {
                alone[round] = valuesPerSecond(custodian, ALL);
                one[round] = valuesPerSecond(custodian, ONE);
                Bench.tell("rewrap: %.0f values/s; of one field: %.0f values/s", alone[round], one[round]);
            }
            desks.throughput(DESKS, options.warmSeconds(), 0);
            Beside all = Beside.measure(ALL, custodian, desks, options);
            Beside phone = Beside.measure(ONE, custodian, desks, options);
            return List.of(
                    Reading.of(
                                    "rewrap",
                                    "rewrap",
                                    "values/s",
                                    new Series(alone),
                                    "all fields of all patrons, nobody at a desk, after such rotations as warming; from"
                                            + " the request that begins it until its operation is done")
                            .atLeast(60_000),
                    Reading.of(
                            "rewrap-one",
                            "rewrap of one field alone",
                            "values/s",
                            new Series(one),
                            "the same with the phone numbers of all patrons only"),
                    all.without("look-up-p99", "look-up beside no rotation, p99"),
                    all.with("look-up-rotating-p99", "look-up beside a rotation, p99"),
                    all.ratio("look-up-rotating-ratio", "the second over the first"),
                    all.moved("rewrap-beside", "rewrap beside those look-ups"),
                    phone.without("look-up-one-p99", "look-up beside no rotation, p99, again"),
                    phone.with("look-up-rotating-one-p99", "look-up beside a rotation of one field, p99"),
                    phone.ratio("look-up-rotating-one-ratio", "the second over the first"),
                    phone.moved("rewrap-one-beside", "rewrap of one field beside those look-ups"));
        }
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

    /** Look-ups without and with a rotation, in turn, and how fast that rotation went; an element a round. */
    private record Beside(double[] quiet, double[] rotating, double[] rewrap, String due) {
        static Beside measure(String name, Custodian custodian, Load desks, Options options)
                throws IOException, InterruptedException {
            int rounds = options.rounds();
            Beside seen = new Beside(
                    new double[rounds],
                    new double[rounds],
                    new double[rounds],
                    DESKS + " connections, " + options.rate() + " requests a second due at fixed moments, latency"
                            + " counted from the moment a request was due; the same requests without and with a"
                            + " rotation, in turn");
            for (int round = 0; round < rounds; round++) {
                seen.quiet[round] = p99(desks, options, 200_000 + round);
                List<String> begun = custodian.rotate(name);
                seen.rotating[round] = p99(desks, options, 200_000 + round);
                seen.rewrap[round] = custodian.movedByRunning(begun) / seconds(options);
                custodian.await(begun);
                Bench.tell(
                        "look-up, p99: %.2f ms, while %s is rotated: %.2f ms; rewrap then: %.0f values/s",
                        seen.quiet[round], name, seen.rotating[round], seen.rewrap[round]);
            }
            return seen;
        }

        /** Shorter than others: a rotation is to outlast it. */
        private static double seconds(Options options) {
            return options.seconds() / 2.0;
        }

        private static double p99(Load desks, Options options, long stream) throws InterruptedException {
            Histogram seen = desks.latency(DESKS, options.rate(), seconds(options), stream);
            return seen.getValueAtPercentile(99) / MILLI;
        }

        Reading without(String id, String title) {
            return Reading.of(id, title, "ms", new Series(quiet), due);
        }

        Reading with(String id, String title) {
            return Reading.of(id, title, "ms", new Series(rotating), due);
        }

        Reading ratio(String id, String title) {
            return Reading.of(id, title, "", new Series(rotating).over(new Series(quiet)), "")
                    .atMost(3);
        }

        Reading moved(String id, String title) {
            return Reading.of(id, title, "values/s", new Series(rewrap), "");
        }
    }
}

package org.patronvault.bench;

import java.io.IOException;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/**
 * Vault and twin asked the same in turn: what they answer a second over all connections, and how long one connection
 * waits for what is due at the rate of the options.
 */
final class SideBySide {
    private static final int SIDES = 2;
    private static final double MILLI = 1e6;

    private final Options options;
    private final double[][] rate;
    private final double[][] p50;
    private final double[][] p99;

    /** What a side is asked, once it is known to answer that rightly. */
    interface Loading {
        Load load(Rig rig, Rig.Serving serving) throws IOException;
    }

    private SideBySide(Options options) {
        this.options = options;
        this.rate = new double[SIDES][options.rounds()];
        this.p50 = new double[SIDES][options.rounds()];
        this.p99 = new double[SIDES][options.rounds()];
    }

    /** Serves both and measures; {@code what} is told on the way. */
    static SideBySide measure(Rig rig, String what, Loading loading) throws IOException, InterruptedException {
        SideBySide seen = new SideBySide(rig.options());
        try (Rig.Serving vault = rig.serve(rig.vault());
                Rig.Serving twin = rig.serve(rig.twin())) {
            seen.measure(what, loading.load(rig, vault), loading.load(rig, twin));
        }
        return seen;
    }

    private void measure(String what, Load... loads) throws InterruptedException {
        for (Load load : loads) {
            load.throughput(options.connections(), options.warmSeconds(), 0);
        }
        for (int round = 0; round < options.rounds(); round++) {
            for (int s = 0; s < SIDES; s++) {
                rate[s][round] = loads[s].throughput(options.connections(), options.seconds(), 1 + round);
            }
            Bench.tell("%s, vault: %.0f/s, twin: %.0f/s", what, rate[0][round], rate[1][round]);
        }
        for (int round = 0; round < options.rounds(); round++) {
            for (int s = 0; s < SIDES; s++) {
                Histogram seen = loads[s].latency(1, options.rate(), options.seconds(), 100_000 + round);
                p50[s][round] = seen.getValueAtPercentile(50) / MILLI;
                p99[s][round] = seen.getValueAtPercentile(99) / MILLI;
            }
            Bench.tell("%s, p99, vault: %.2f ms, twin: %.2f ms", what, p99[0][round], p99[1][round]);
        }
    }

    /** Answers a second over all connections. */
    Reading rate(String id, String title) {
        return reading(
                id, title, "answers/s", rate, options.connections() + " connections, each with one request under way");
    }

    /** Half of the requests of one connection were answered sooner. */
    Reading p50(String id) {
        return reading(id, "the same at one connection, p50", "ms", p50, due());
    }

    /** Of a hundred requests of one connection one was answered later. */
    Reading p99(String id) {
        return reading(id, "the same at one connection, p99", "ms", p99, due());
    }

    private String due() {
        return "one connection, " + options.rate() + " requests a second due at fixed moments, latency counted from the"
                + " moment a request was due";
    }

    private static Reading reading(String id, String title, String unit, double[][] seen, String note) {
        Series[] sides = Arrays.stream(seen).map(Series::new).toArray(Series[]::new);
        return Reading.of(id, title, unit, sides[0], note).beside(sides[1]);
    }
}

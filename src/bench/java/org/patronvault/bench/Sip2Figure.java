package org.patronvault.bench;

import java.io.IOException;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Patron status over SIP2: what the gateway can answer, and how long a kiosk waits. */
final class Sip2Figure implements Figure {
    private static final int CONNECTIONS = 100;
    private static final int RATE = 3_000;
    private static final double MILLI = 1e6;

    @Override
    public String name() {
        return "sip2";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Options options = rig.options();
        double[] rate = new double[options.rounds()];
        double[] p50 = new double[options.rounds()];
        double[] p99 = new double[options.rounds()];
        try (Gateway gateway = Gateway.plain(rig)) {
            Load load = new Load(new Kiosks(new CheckedCards(rig), gateway));
            load.throughput(CONNECTIONS, options.warmSeconds(), 0);
            for (int round = 0; round < options.rounds(); round++) {
                rate[round] = load.throughput(CONNECTIONS, options.seconds(), 1 + round);
                Bench.tell("sip2: %.0f/s", rate[round]);
            }
            for (int round = 0; round < options.rounds(); round++) {
                Histogram seen = load.latency(CONNECTIONS, RATE, options.seconds(), 100_000 + round);
                p50[round] = seen.getValueAtPercentile(50) / MILLI;
                p99[round] = seen.getValueAtPercentile(99) / MILLI;
                Bench.tell("sip2, p50: %.2f ms, p99: %.2f ms", p50[round], p99[round]);
            }
        }
        String due = RATE + " questions a second due at fixed moments over " + CONNECTIONS
                + " connections, latency counted from the moment a question was due";
        return List.of(
                Reading.of(
                                "sip2",
                                "patron status over SIP2",
                                "answers/s",
                                new Series(rate),
                                CONNECTIONS + " connections signed in, each with one question under way, with error"
                                        + " detection")
                        .atLeast(RATE),
                Reading.of("sip2-p50", "the same at " + RATE + " a second, p50", "ms", new Series(p50), due),
                Reading.of("sip2-p99", "the same at " + RATE + " a second, p99", "ms", new Series(p99), due)
                        .atMost(50));
    }
}

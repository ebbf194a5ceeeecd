package org.patronvault.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Vault and twin asked the same in turn: what they answer a second over so many connections and how long that is waited
 * for, how long one connection waits for what is due at the rate of the options, and what memory they hold then.
 */
final class SideBySide {
    private static final int SIDES = 2;
    private static final double MILLI = 1e6;
    private static final int STREAMS_APART = 10_000;

    private final Options options;
    private final Map<Integer, Busy> busy = new LinkedHashMap<>();
    private final double[][] p50;
    private final double[][] p99;
    private final double[][] anonymous;
    private final Map<ProcessorTime.Work, double[][]> processor = new EnumMap<>(ProcessorTime.Work.class);

    /** What a side is asked, once it is known to answer that rightly. */
    interface Loading {
        Load load(Rig rig, Rig.Serving serving) throws IOException;
    }

    /** Over so many connections, each with one request under way. */
    private record Busy(double[][] rate, double[][] p99) {}

    private SideBySide(Options options, List<Integer> connections) {
        this.options = options;
        connections.forEach(many -> busy.put(many, new Busy(rounds(), rounds())));
        this.p50 = rounds();
        this.p99 = rounds();
        this.anonymous = new double[SIDES][1];
        for (ProcessorTime.Work work : ProcessorTime.Work.values()) {
            processor.put(work, rounds());
        }
    }

    private double[][] rounds() {
        return new double[SIDES][options.rounds()];
    }

    /** Serves both and measures over each number of connections; {@code what} is told on the way. */
    static SideBySide measure(Rig rig, String what, List<Integer> connections, Loading loading)
            throws IOException, InterruptedException {
        SideBySide seen = new SideBySide(rig.options(), connections);
        try (Rig.Serving vault = rig.serve(rig.vault());
                Rig.Serving twin = rig.serve(rig.twin())) {
            seen.measure(
                    what,
                    List.of(vault.process(), twin.process()),
                    List.of(loading.load(rig, vault), loading.load(rig, twin)));
            if (Memory.isTold()) {
                seen.anonymous[0][0] = Memory.of(vault.process()).anonymousMiB();
                seen.anonymous[1][0] = Memory.of(twin.process()).anonymousMiB();
            }
        }
        return seen;
    }

    private void measure(String what, List<JavaProcess> processes, List<Load> loads)
            throws IOException, InterruptedException {
        for (Load load : loads) {
            load.throughput(options.connections(), options.warmSeconds(), 0);
        }
        for (Map.Entry<Integer, Busy> one : busy.entrySet()) {
            for (int round = 0; round < options.rounds(); round++) {
                for (int s = 0; s < SIDES; s++) {
                    long stream = (long) STREAMS_APART * one.getKey() + 1 + round;
                    Load.Closed seen = one.getKey() == options.connections()
                            ? counted(processes.get(s), loads.get(s), s, round, stream)
                            : loads.get(s).closed(one.getKey(), options.seconds(), stream);
                    one.getValue().rate()[s][round] = seen.rate();
                    one.getValue().p99()[s][round] = seen.waits().getValueAtPercentile(99) / MILLI;
                }
                double[][] rate = one.getValue().rate();
                Bench.tell(
                        "%s, %d connections, vault: %.0f/s, twin: %.0f/s",
                        what, one.getKey(), rate[0][round], rate[1][round]);
            }
        }
        for (int round = 0; round < options.rounds(); round++) {
            for (int s = 0; s < SIDES; s++) {
                Histogram seen = loads.get(s).latency(1, options.rate(), options.seconds(), 100_000 + round);
                p50[s][round] = seen.getValueAtPercentile(50) / MILLI;
                p99[s][round] = seen.getValueAtPercentile(99) / MILLI;
            }
            Bench.tell("%s, p99, vault: %.2f ms, twin: %.2f ms", what, p99[0][round], p99[1][round]);
        }
    }

    private Load.Closed counted(JavaProcess process, Load load, int side, int round, long stream)
            throws IOException, InterruptedException {
        if (!Memory.isTold()) {
            return load.closed(options.connections(), options.seconds(), stream);
        }
        ProcessorTime before = ProcessorTime.of(process);
        Load.Closed seen = load.closed(options.connections(), options.seconds(), stream);
        ProcessorTime after = ProcessorTime.of(process);
        processor.forEach(
                (work, rounds) -> rounds[side][round] = after.since(before, work) / (seen.rate() * options.seconds()));
        return seen;
    }

    /** What an answer keeps a core busy for, in all and by what the threads do; only where {@link Memory#isTold}. */
    List<Reading> processor(String id) {
        double[][] all = rounds();
        processor.values().forEach(rounds -> {
            for (int s = 0; s < SIDES; s++) {
                for (int round = 0; round < options.rounds(); round++) {
                    all[s][round] += rounds[s][round];
                }
            }
        });
        String note = "processor time of the server's process over answers, " + options.connections() + " connections";
        List<Reading> readings = new ArrayList<>();
        readings.add(reading(id, "processor time of an answer", "µs", all, note));
        processor.forEach((work, rounds) -> {
            String own = id + "-" + work.name().toLowerCase(Locale.ROOT);
            Reading vault = Reading.of(own, "of that " + work.title(), "µs", new Series(rounds[0]), "");
            Series twin = new Series(rounds[1]);
            // It has no log, and whoever asks opens.
            readings.add(twin.min() > 0 ? vault.beside(twin) : vault);
        });
        return readings;
    }

    /** Answers a second over so many connections. */
    Reading rate(String id, String title, int connections) {
        return reading(
                id,
                title,
                "answers/s",
                busy.get(connections).rate(),
                connections + " connections, each with one request" + " under way");
    }

    /** Of a hundred of those requests one was answered later. */
    Reading busyP99(String id, int connections) {
        return reading(
                id,
                "the same, p99 at " + connections + " connections",
                "ms",
                busy.get(connections).p99(),
                "from each request to its answer, each sent once the one before is answered");
    }

    /** Half of the requests of one connection were answered sooner. */
    Reading p50(String id) {
        return reading(id, "the same at one connection, p50", "ms", p50, due());
    }

    /** Of a hundred requests of one connection one was answered later. */
    Reading p99(String id) {
        return reading(id, "the same at one connection, p99", "ms", p99, due());
    }

    /** What memory of each process is no file's, after all that; only where {@link Memory#isTold}. */
    Reading anonymous(String id) {
        return reading(
                id,
                "anonymous memory after it",
                "MiB",
                anonymous,
                "RssAnon of the process after a collection of garbage, " + String.join(" ", options.java()) + "; once");
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

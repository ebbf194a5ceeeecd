package org.patronvault.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * Vault and twin asked the same in turn: what they answer a second over so many connections, how long that is waited for
 * and what it costs of processor time, how long one connection waits for what is due at the rate of the options, and what
 * memory they hold then.
 */
final class SideBySide {
    private static final int SIDES = 2;
    private static final double MILLI = 1e6;
    private static final int STREAMS_APART = 10_000;

    private final Options options;
    private final Map<Integer, Busy> busy = new LinkedHashMap<>();
    private final double[][] p50;
    private final double[][] p99;
    private final double[][] opened;
    private final double[][] serving;
    private final double[][] collected;

    /**
     * The two ways a side is asked, once it is known to answer rightly.
     *
     * @param busy as fast as it answers
     * @param due at a constant rate
     */
    record Drivers(ClosedLoop busy, Load due) {}

    /** Makes the drivers of a side. */
    interface Driving {
        Drivers drivers(Rig rig, Rig.Serving serving) throws IOException;
    }

    /** Over so many connections, each with one request under way. */
    private record Busy(double[][] rate, double[][] p99, Map<ProcessorTime.Work, double[][]> processor) {}

    private SideBySide(Options options, List<Integer> connections) {
        this.options = options;
        for (int many : connections) {
            Map<ProcessorTime.Work, double[][]> processor = new EnumMap<>(ProcessorTime.Work.class);
            for (ProcessorTime.Work work : ProcessorTime.Work.values()) {
                processor.put(work, rounds());
            }
            busy.put(many, new Busy(rounds(), rounds(), processor));
        }
        this.p50 = rounds();
        this.p99 = rounds();
        this.opened = new double[SIDES][1];
        this.serving = rounds();
        this.collected = new double[SIDES][1];
    }

    private double[][] rounds() {
        return new double[SIDES][options.rounds()];
    }

    /** Serves both and measures over each number of connections; {@code what} is told on the way. */
    static SideBySide measure(Rig rig, String what, List<Integer> connections, Driving driving)
            throws IOException, InterruptedException {
        SideBySide seen = new SideBySide(rig.options(), connections);
        try (Rig.Serving vault = rig.serve(rig.vault());
                Rig.Serving twin = rig.serve(rig.twin())) {
            List<JavaProcess> processes = List.of(vault.process(), twin.process());
            note(processes, seen.opened);
            seen.measure(rig, what, processes, List.of(driving.drivers(rig, vault), driving.drivers(rig, twin)));
            note(processes, seen.collected);
        }
        return seen;
    }

    private static void note(List<JavaProcess> processes, double[][] to) throws IOException, InterruptedException {
        for (int s = 0; s < SIDES && Memory.isTold(); s++) {
            to[s][0] = Memory.of(processes.get(s)).anonymousMiB();
        }
    }

    private void measure(Rig rig, String what, List<JavaProcess> processes, List<Drivers> drivers)
            throws IOException, InterruptedException {
        for (int connections : busy.keySet()) {
            for (int s = 0; s < SIDES; s++) {
                rig.readThrough(rig.sides().get(s));
                double seconds = options.warmSeconds() / (double) busy.size();
                ClosedLoop.Result unused = drivers.get(s).busy().closed(connections, seconds, connections);
            }
        }
        for (int round = 0; round < options.rounds(); round++) {
            for (Map.Entry<Integer, Busy> one : busy.entrySet()) {
                for (int s : inTurn(round)) {
                    Quiet.await(processes);
                    rig.readThrough(rig.sides().get(s));
                    measure(
                            one.getKey(),
                            one.getValue(),
                            processes.get(s),
                            drivers.get(s).busy(),
                            s,
                            round);
                }
                double[][] rate = one.getValue().rate();
                Bench.tell(
                        "%s, %d connections, vault: %.0f/s, twin: %.0f/s",
                        what, one.getKey(), rate[0][round], rate[1][round]);
            }
        }
        for (int round = 0; round < options.rounds(); round++) {
            for (int s : inTurn(round)) {
                Quiet.await(processes);
                rig.readThrough(rig.sides().get(s));
                Histogram seen = drivers.get(s).due().latency(1, options.rate(), options.seconds(), 100_000 + round);
                p50[s][round] = seen.getValueAtPercentile(50) / MILLI;
                p99[s][round] = seen.getValueAtPercentile(99) / MILLI;
            }
            Bench.tell("%s, p99, vault: %.2f ms, twin: %.2f ms", what, p99[0][round], p99[1][round]);
        }
    }

    /** Now the one begins, then the other. */
    static int[] inTurn(int round) {
        return round % SIDES == 0 ? new int[] {0, 1} : new int[] {1, 0};
    }

    private void measure(int connections, Busy seen, JavaProcess process, ClosedLoop loop, int side, int round)
            throws IOException, InterruptedException {
        long stream = (long) STREAMS_APART * connections + 1 + round;
        Optional<ProcessorTime> before = processorTime(process);
        ClosedLoop.Result closed = loop.closed(connections, options.seconds(), stream);
        seen.rate()[side][round] = closed.rate();
        seen.p99()[side][round] = closed.p99Millis();
        if (Memory.isTold()) {
            serving[side][round] = Math.max(serving[side][round], Memory.anonymousMiBNow(process));
        }
        // Work that an answer leaves for later is done for it all the same.
        Quiet.await(List.of(process));
        Optional<ProcessorTime> after = processorTime(process);
        after.ifPresent(now -> seen.processor()
                .forEach((work, rounds) ->
                        rounds[side][round] = now.since(before.orElseThrow(), work) / closed.answers()));
    }

    private static Optional<ProcessorTime> processorTime(JavaProcess process) throws IOException {
        return Memory.isTold() ? Optional.of(ProcessorTime.of(process.pid())) : Optional.empty();
    }

    /**
     * For how long one answer keeps a core of the server busy, in all and by kind of thread; only where {@link
     * Memory#isTold}.
     */
    List<Reading> processor(String id, String title, int connections) {
        double[][] all = rounds();
        Map<ProcessorTime.Work, double[][]> processor = busy.get(connections).processor();
        processor.values().forEach(rounds -> {
            for (int s = 0; s < SIDES; s++) {
                for (int round = 0; round < options.rounds(); round++) {
                    all[s][round] += rounds[s][round];
                }
            }
        });
        String note = "processor time of the server's threads over answers, with what they leave to be done later, "
                + connections + (connections == 1 ? " connection" : " connections");
        List<Reading> readings = new ArrayList<>();
        readings.add(reading(id, title, "µs", all, note));
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

    /** What memory of each process is no file's; only where {@link Memory#isTold}. */
    List<Reading> anonymous(String id) {
        String heap = String.join(" ", options.java());
        return List.of(
                reading(
                        id + "-serving",
                        "anonymous memory while it serves these",
                        "MiB",
                        serving,
                        "RssAnon of the process at the end of each round, the most over any number of connections, "
                                + heap),
                reading(
                        id + "-opened",
                        "the same right after it was opened",
                        "MiB",
                        opened,
                        "after a collection of garbage; once"),
                reading(id, "the same at the end of all", "MiB", collected, "after a collection of garbage; once"));
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

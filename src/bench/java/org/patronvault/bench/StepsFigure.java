package org.patronvault.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.patronvault.bench.ProcessorTime.Work;

/**
 * Where the processor time of a look-up by card goes, step by step: what each kind of thread keeps a core busy for, as
 * Linux counts it, shared out by where the flight recorder finds those threads. Only Java 25 and later sample by processor
 * time (JEP 509), in native code and the kernel too; with an older one there is no such table.
 */
final class StepsFigure implements Figure {
    private static final int COUNTING_JAVA = 25;
    private static final int CHECKED = 200;
    private static final int LEAST_SAMPLES = 300;
    private static final double MOST_BLIND = 0.1;
    private static final String SAMPLE = "jdk.CPUTimeSample";

    @Override
    public String name() {
        return "steps";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        if (!Memory.isTold() || Machine.javaFeature() < COUNTING_JAVA) {
            String why = "steps: the recorder of Java " + Machine.javaFeature() + " does not count processor time";
            if (rig.options().only().equals(List.of(name()))) {
                throw new IllegalStateException(why + "; name a later JDK by bench.java");
            }
            Bench.tell("%s", why);
            return List.of();
        }
        String generator = Wrk.version();
        Options options = rig.options();
        Path recording = options.directory().resolve("steps.jfr");
        List<Round> rounds = new ArrayList<>();
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            CardSearches cards = new CardSearches(rig, serving.side());
            cards.checkWhole(serving.port(), CHECKED);
            ClosedLoop searches = cards.wrk(rig, serving.port());
            ClosedLoop.Result unused = searches.closed(options.connections(), options.warmSeconds(), 0);
            jcmd(
                    serving,
                    "JFR.start",
                    "name=steps",
                    "settings=default",
                    SAMPLE + "#enabled=true",
                    SAMPLE + "#throttle=5ms",
                    "filename=" + recording);
            for (int round = 0; round < options.rounds(); round++) {
                ProcessorTime before = ProcessorTime.of(serving.process().pid());
                Instant from = Instant.now();
                ClosedLoop.Result seen = searches.closed(options.connections(), options.seconds(), 1 + round);
                // What an answer leaves to be done later is done for it all the same.
                Quiet.await(List.of(serving.process()));
                Instant to = Instant.now();
                rounds.add(new Round(
                        from,
                        to,
                        seen,
                        before,
                        ProcessorTime.of(serving.process().pid())));
            }
            jcmd(serving, "JFR.stop", "name=steps");
        }
        try (RecordingFile samples = new RecordingFile(recording)) {
            while (samples.hasMoreEvents()) {
                RecordedEvent event = samples.readEvent();
                rounds.forEach(round -> round.add(event));
            }
        }
        if (!options.keep()) {
            Files.delete(recording);
        }
        rounds.forEach(Round::requireEnough);
        return readings(rounds, options, generator);
    }

    private static List<Reading> readings(List<Round> rounds, Options options, String generator) {
        List<Reading> readings = new ArrayList<>();
        String note = "processor time of an answer at " + options.connections()
                + " connections, as Linux counts it for the threads, shared out by the samples of the flight recorder; asked by "
                + generator;
        for (Step step : Step.values()) {
            double[] micros =
                    rounds.stream().mapToDouble(round -> round.micros(step)).toArray();
            String id = "step-" + step.name().toLowerCase(Locale.ROOT);
            readings.add(Reading.of(id, "step: " + step.title(), "µs", new Series(micros), note));
            note = "";
        }
        for (Work work : Work.values()) {
            if (!Step.isOf(work)) {
                double[] micros =
                        rounds.stream().mapToDouble(round -> round.micros(work)).toArray();
                String id = "step-" + work.name().toLowerCase(Locale.ROOT);
                readings.add(Reading.of(id, "beside it: " + work.title(), "µs", new Series(micros), ""));
            }
        }
        double[] answers =
                rounds.stream().mapToDouble(round -> round.answered().rate()).toArray();
        readings.add(Reading.of("step-rate", "answers meanwhile", "answers/s", new Series(answers), ""));
        return readings;
    }

    private static void jcmd(Rig.Serving serving, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                JavaProcess.program("jcmd"), Long.toString(serving.process().pid())));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(words[0] + " was refused: " + said);
        }
    }

    /** What was seen in one. */
    private record Round(
            Instant from,
            Instant to,
            ClosedLoop.Result answered,
            ProcessorTime before,
            ProcessorTime after,
            Map<Step, Integer> samples,
            AtomicInteger blind) {

        Round(Instant from, Instant to, ClosedLoop.Result answered, ProcessorTime before, ProcessorTime after) {
            this(from, to, answered, before, after, new EnumMap<>(Step.class), new AtomicInteger());
        }

        void add(RecordedEvent event) {
            boolean within =
                    !event.getStartTime().isBefore(from) && event.getStartTime().isBefore(to);
            if (!within || !event.getEventType().getName().equals(SAMPLE)) {
                return;
            }
            if (event.getStackTrace() == null || event.getThread("eventThread") == null) {
                blind.incrementAndGet();
                return;
            }
            Work work = Work.of(String.valueOf(event.getThread("eventThread").getJavaName()));
            if (Step.isOf(work)) {
                List<String> frames = event.getStackTrace().getFrames().stream()
                        .map(frame -> frame.getMethod().getType().getName() + "."
                                + frame.getMethod().getName())
                        .toList();
                samples.merge(Step.of(work, frames), 1, Integer::sum);
            }
        }

        /** Few samples share nothing out, and many that say nothing share it out wrongly. */
        void requireEnough() {
            int seen = samples.values().stream().mapToInt(Integer::intValue).sum();
            if (seen < LEAST_SAMPLES || blind.get() > seen * MOST_BLIND) {
                throw new IllegalStateException(seen + " samples in a round, and " + blind.get() + " that say nothing");
            }
            Bench.tell("steps: %d answers, %d samples, %d that say nothing", answered.answers(), seen, blind.get());
        }

        double micros(Work work) {
            return after.since(before, work) / answered.answers();
        }

        double micros(Step step) {
            int all = samples.entrySet().stream()
                    .filter(one -> one.getKey().work() == step.work())
                    .mapToInt(Map.Entry::getValue)
                    .sum();
            return all == 0 ? 0 : micros(step.work()) * samples.getOrDefault(step, 0) / all;
        }
    }
}

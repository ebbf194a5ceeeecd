package org.patronvault.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * For how long a process has kept cores busy since it began, in microseconds, by what its threads do; as Linux counts it,
 * in hundredths of a second.
 */
record ProcessorTime(Map<Work, Double> micros) {
    private static final double MICROS_A_TICK = 10_000;
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    /** What a thread is for, by its name, of which the system keeps fifteen letters. */
    enum Work {
        REQUEST("request threads: HTTP, who asks, policy, index, row", "qtp.*"),
        LOG("the log's writer: limits, entry, tree, commit", "vault-log.*"),
        OPEN("after the commit: opening, answer", "vault-open-.*|vault-open"),
        VIEW("the view by patron, filled behind the log", "vault-view.*"),
        COMPILER("Java's compilers", "C[12] .*"),
        GARBAGE("collection of garbage", "(GC|G1) .*|VM Thread"),
        OTHER("all other threads", ".*");

        private final String title;
        private final Pattern threads;

        Work(String title, String threads) {
            this.title = title;
            this.threads = Pattern.compile(threads);
        }

        String title() {
            return title;
        }

        static Work of(String thread) {
            return Stream.of(values())
                    .filter(work -> work.threads.matcher(thread).matches())
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** What it is now. */
    static ProcessorTime of(JavaProcess process) throws IOException {
        Map<Work, Double> micros = new EnumMap<>(Work.class);
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            tasks.forEach(task -> add(micros, task.resolve("stat")));
        }
        return new ProcessorTime(micros);
    }

    private static void add(Map<Work, Double> micros, Path stat) {
        try {
            String line = Files.readString(stat);
            int name = line.indexOf('(') + 1;
            int end = line.lastIndexOf(')');
            String[] columns = line.substring(end + 2).split(" ", SYSTEM_TIME + 2);
            double ticks = Double.parseDouble(columns[USER_TIME]) + Double.parseDouble(columns[SYSTEM_TIME]);
            micros.merge(Work.of(line.substring(name, end)), ticks * MICROS_A_TICK, Double::sum);
        } catch (NoSuchFileException e) {
            // A thread that has ended meanwhile.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How much of that work was done since. */
    double since(ProcessorTime before, Work work) {
        return micros.getOrDefault(work, 0.0) - before.micros.getOrDefault(work, 0.0);
    }
}

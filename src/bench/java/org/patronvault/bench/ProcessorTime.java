package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * For how long each thread of a process has kept a core busy since it began, in nanoseconds, as Linux counts it in
 * {@code schedstat}. A thread that has ended is not in it.
 */
record ProcessorTime(Map<Path, Busy> threads) {
    private static final double NANOS_A_MICRO = 1e3;

    /** One thread. */
    record Busy(Work work, long nanos) {}

    /** What a thread is for, by its name, of which the system keeps fifteen letters. */
    enum Work {
        REQUEST("request threads: HTTP, who asks, policy, index, row", "qtp.*|JettyServerThre.*"),
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

    /** Returns what it is now. */
    static ProcessorTime of(long pid) throws IOException {
        Map<Path, Busy> threads = new HashMap<>();
        List<Path> tasks;
        try (Stream<Path> found = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            tasks = found.toList();
        }
        for (Path task : tasks) {
            try {
                String name = Files.readString(task.resolve("comm")).strip();
                String nanos = Files.readString(task.resolve("schedstat")).split(" ", 2)[0];
                threads.put(task, new Busy(Work.of(name), Long.parseLong(nanos)));
            } catch (IOException e) {
                if (Files.exists(task)) {
                    throw e;
                }
            }
        }
        return new ProcessorTime(threads);
    }

    /** Returns for how many microseconds threads of that work were busy since. */
    double since(ProcessorTime before, Work work) {
        long nanos = threads.entrySet().stream()
                .filter(thread -> thread.getValue().work() == work)
                .mapToLong(thread -> thread.getValue().nanos() - before.nanos(thread.getKey()))
                .sum();
        return nanos / NANOS_A_MICRO;
    }

    private long nanos(Path thread) {
        return threads.containsKey(thread) ? threads.get(thread).nanos() : 0;
    }
}

package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What it costs that the log is on disk before anything is opened: the same run with everything in memory. */
final class DurableFigure implements Figure {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final int CHECKED = 200;

    @Override
    public String name() {
        return "durable";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        if (!Files.isDirectory(MEMORY)) {
            return List.of();
        }
        String generator = Wrk.version();
        Options options = rig.options();
        double[][] rate = new double[2][options.rounds()];
        rig.disk(rig.vault());
        Path copy = Files.createTempDirectory(MEMORY, "patron-vault");
        try {
            Files.delete(copy);
            Trees.copy(rig.home(rig.vault()), copy);
            try (Rig.Serving disk = rig.serve(rig.vault());
                    Rig.Serving memory = rig.serve(rig.vault(), copy)) {
                List<ClosedLoop> searches = List.of(searches(rig, disk), searches(rig, memory));
                for (ClosedLoop loop : searches) {
                    ClosedLoop.Result unused = loop.closed(options.connections(), options.warmSeconds(), 0);
                }
                for (int round = 0; round < options.rounds(); round++) {
                    for (int s = 0; s < 2; s++) {
                        rate[s][round] = searches.get(s)
                                .closed(options.connections(), options.seconds(), 300_000 + round)
                                .rate();
                    }
                    Bench.tell("durable: %.0f/s, in memory: %.0f/s", rate[0][round], rate[1][round]);
                }
            }
        } finally {
            Trees.delete(copy);
        }
        Series durable = new Series(rate[0]);
        Series memory = new Series(rate[1]);
        return List.of(
                Reading.of(
                        "durable",
                        "search by card, log on disk",
                        "answers/s",
                        durable,
                        options.connections() + " connections, each with one request under way; asked by " + generator),
                Reading.of(
                        "durable-memory",
                        "the same, home in memory",
                        "answers/s",
                        memory,
                        "a copy of the home in " + MEMORY + ", where a sync waits for nothing"),
                Reading.of("durable-ratio", "the first over the second", "", durable.over(memory), "")
                        .atLeast(0.65));
    }

    private static ClosedLoop searches(Rig rig, Rig.Serving serving) throws IOException {
        CardSearches cards = new CardSearches(rig, serving.side());
        cards.checkWhole(serving.port(), CHECKED);
        return cards.wrk(rig, serving.port());
    }
}

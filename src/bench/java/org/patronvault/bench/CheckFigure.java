package org.patronvault.bench;

import java.io.IOException;
import java.util.List;

/** How fast the store is swept against the log. */
final class CheckFigure implements Figure {
    @Override
    public String name() {
        return "check";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        int rounds = rig.options().rounds();
        double[] values = new double[rounds];
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            // One to warm the server that does it.
            long looked = rig.vault().check(rig.home(rig.vault()));
            Bench.tell("check: %d values, at port %d", looked, serving.port());
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                looked = rig.vault().check(rig.home(rig.vault()));
                values[round] = looked / ((System.nanoTime() - start) / 1e9);
                Bench.tell("check: %.0f values/s", values[round]);
            }
        }
        return List.of(Reading.of(
                        "check",
                        "sweep of the store against the log",
                        "values/s",
                        new Series(values),
                        "the command `check` on a server with nobody at a desk, from its start to its end: log, all values"
                                + " of all patrons, and the whole index")
                .atLeast(20_000));
    }
}

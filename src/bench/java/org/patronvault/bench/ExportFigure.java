package org.patronvault.bench;

import java.io.IOException;
import java.util.List;

/** How fast everybody leaves, each in the log and sealed to a certificate. */
final class ExportFigure implements Figure {
    @Override
    public String name() {
        return "export";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        int rounds = rig.options().rounds();
        double[] patrons = new double[rounds];
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            // One to warm the server that does it.
            long exported = rig.vault().export(rig.home(rig.vault()), rig.scratch("export-0.p7m"));
            Bench.tell("export: %d patrons, at port %d", exported, serving.port());
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                exported = rig.vault().export(rig.home(rig.vault()), rig.scratch("export-" + (round + 1) + ".p7m"));
                patrons[round] = exported / ((System.nanoTime() - start) / 1e9);
                Bench.tell("export: %.0f patrons/s", patrons[round]);
            }
        }
        return List.of(Reading.of(
                        "export",
                        "export of everybody as JSON lines",
                        "patrons/s",
                        new Series(patrons),
                        "the command `patrons export` on a server with nobody at a desk, from its start to its end: each"
                                + " patron in the log, every field opened, sealed to an RSA certificate, on disk")
                .atLeast(5_000));
    }
}

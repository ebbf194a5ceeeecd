package org.patronvault.bench;

import java.io.IOException;
import java.util.List;

/** How fast the search index is rebuilt under new keys while the vault serves and nobody is at a desk. */
final class RebuildFigure implements Figure {
    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        double[] patrons = new double[rig.options().rounds()];
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            Custodian custodian = new Custodian(serving.port());
            for (int round = 0; round < patrons.length; round++) {
                long start = System.nanoTime();
                long moved = custodian.await(custodian.rotate("search"));
                patrons[round] = moved / ((System.nanoTime() - start) / 1e9);
                Bench.tell("rebuild: %.0f patrons/s", patrons[round]);
            }
        }
        return List.of(Reading.of(
                        "rebuild",
                        "search index rebuilt",
                        "patrons/s",
                        new Series(patrons),
                        "from the request that begins it until its operation is done, the old table emptied; a server with"
                                + " nobody at a desk")
                .atLeast(5_000));
    }
}

package org.patronvault.bench;

import java.io.IOException;
import java.util.List;

/** How long a start takes. */
final class ReadyFigure implements Figure {
    @Override
    public String name() {
        return "ready";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        int rounds = rig.options().rounds();
        double[] vault = new double[rounds];
        double[] twin = new double[rounds];
        double[] derivation = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            vault[round] = secondsToReady(rig, rig.vault());
            twin[round] = secondsToReady(rig, rig.twin());
            long start = System.nanoTime();
            rig.vault().deriveSlotKey();
            derivation[round] = (System.nanoTime() - start) / 1e9;
            Bench.tell(
                    "ready, vault: %.2f s, twin: %.2f s, key derivation: %.2f s",
                    vault[round], twin[round], derivation[round]);
        }
        Series whole = new Series(vault);
        Series slot = new Series(derivation);
        return List.of(
                Reading.of(
                                "ready",
                                "start to ready, without the slot's key derivation",
                                "s",
                                whole.less(slot),
                                "from the start of the process to the first 200 of /health/ready, less the key"
                                        + " derivation of the same round")
                        .beside(new Series(twin))
                        .atMost(1.5),
                Reading.of("ready-whole", "start to ready", "s", whole, "").beside(new Series(twin)),
                Reading.of(
                        "slot",
                        "the slot's key derivation",
                        "s",
                        slot,
                        "Argon2id with the slot's parameters in a JVM of its own, as the vault does with this heap"));
    }

    private static double secondsToReady(Rig rig, Side side) throws IOException, InterruptedException {
        try (Rig.Serving serving = rig.serve(side)) {
            return serving.secondsToReady();
        }
    }
}

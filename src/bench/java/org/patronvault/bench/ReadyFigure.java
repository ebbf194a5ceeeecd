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
        double[] sealed = new double[rounds];
        double[] unsealed = new double[rounds];
        double[] derivation = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            for (int s : SideBySide.inTurn(round)) {
                (s == 0 ? vault : twin)[round] = secondsToReady(rig, rig.sides().get(s));
            }
            try (Rig.Serving serving = rig.serveSealed()) {
                sealed[round] = serving.secondsToReady();
                unsealed[round] = Custodian.unsealSealed(serving.port(), VaultSide.PASSPHRASE);
            }
            long start = System.nanoTime();
            rig.vault().deriveSlotKey();
            derivation[round] = (System.nanoTime() - start) / 1e9;
            Bench.tell(
                    "ready, vault: %.2f s, twin: %.2f s; sealed: %.2f s, then opened: %.2f s, key derivation: %.2f s",
                    vault[round], twin[round], sealed[round], unsealed[round], derivation[round]);
        }
        Series slot = new Series(derivation);
        return List.of(
                Reading.of(
                                "ready",
                                "start to ready, without the slot's key derivation",
                                "s",
                                new Series(vault).less(slot),
                                "a start with the passphrase to the first 200 of /health/ready, less the key derivation"
                                        + " alone")
                        .atMost(1.5),
                Reading.of(
                        "ready-sealed",
                        "start to the first answer, sealed",
                        "s",
                        new Series(sealed),
                        "without anything that opens it: the program, its libraries and its web server"),
                Reading.of(
                        "ready-opening",
                        "opening, without the key derivation",
                        "s",
                        new Series(unsealed).less(slot),
                        "of that sealed one, from the passphrase to its acknowledgement"),
                Reading.of(
                                "ready-whole",
                                "start to ready, key derivation included",
                                "s",
                                new Series(vault),
                                "from the start of the process to the first 200 of /health/ready")
                        .beside(new Series(twin)),
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

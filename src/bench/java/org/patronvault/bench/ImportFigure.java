package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How fast a file of patrons comes in, with index and log. */
final class ImportFigure implements Figure {
    private static final double MILLION = 1_000_000;
    private static final double IN_SECONDS = 300;

    @Override
    public String name() {
        return "import";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        // A million patrons' takes as long as all other rounds together.
        int rounds = rig.options().patrons() < MILLION ? rig.options().rounds() : 1;
        Path one = rig.scratch("one.jsonl");
        try (var lines = Files.lines(rig.file())) {
            Files.writeString(one, lines.findFirst().orElseThrow() + "\n");
        }
        double[][] whole = new double[2][rounds];
        double[][] fixed = new double[2][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int s : SideBySide.inTurn(round)) {
                Side side = rig.sides().get(s);
                fixed[s][round] = rig.importInto(side, rig.scratch("one-" + side.name()), one, 1);
                whole[s][round] = rig.importAnew(side);
                Bench.tell(
                        "import, %s: %.1f s, of which start and sign-in %.1f s",
                        side.name(), whole[s][round], fixed[s][round]);
            }
        }
        double patrons = rig.options().patrons();
        Series vault = new Series(whole[0]);
        Series twin = new Series(whole[1]);
        Series vaultFixed = new Series(fixed[0]);
        Series twinFixed = new Series(fixed[1]);
        return List.of(
                Reading.of(
                                "import",
                                "import",
                                "patrons/s",
                                vault.dividing(patrons),
                                "the whole command on an empty vault, cold, from its start to its end: start of the"
                                        + " JVM, the slot's key derivation and sign-in are in it; no server runs")
                        .beside(twin.dividing(patrons))
                        .atLeast(patrons < MILLION ? 4_000 : MILLION / IN_SECONDS),
                Reading.of(
                                "import-steady",
                                "import, without start and sign-in",
                                "patrons/s",
                                vault.less(vaultFixed).dividing(patrons - 1),
                                "the same less what the import of a file of one patron takes")
                        .beside(twin.less(twinFixed).dividing(patrons - 1)),
                Reading.of("import-fixed", "import of one patron", "s", vaultFixed, "")
                        .beside(twinFixed));
    }
}

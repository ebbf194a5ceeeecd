package org.patronvault.bench;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.opentest4j.TestAbortedException;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.keys.slot.HsmOpening;
import org.patronvault.testing.SoftHsm;

/** How long it takes to unseal a vault that runs, and how long an HSM needs to give its root. */
final class UnsealFigure implements Figure {
    private static final String PIN = "271828";

    @Override
    public String name() {
        return "unseal";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        int rounds = rig.options().rounds();
        double[] passphrase = new double[rounds];
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            for (int round = 0; round < rounds; round++) {
                passphrase[round] = new Custodian(serving.port()).unseal(VaultSide.PASSPHRASE);
                Bench.tell("unseal: %.2f s", passphrase[round]);
            }
        }
        List<Reading> readings = new ArrayList<>();
        readings.add(Reading.of(
                        "unseal",
                        "unseal by passphrase",
                        "s",
                        new Series(passphrase),
                        "POST /v1/unseal on a loaded vault that a custodian has sealed, until the answer")
                .atMost(1.5));
        hsm(rounds)
                .ifPresent(hsm -> readings.add(Reading.of(
                                "unseal-hsm",
                                "an HSM slot gives the root",
                                "s",
                                hsm,
                                "SoftHSM2, with the process that speaks to it; the whole of what an HSM slot can add")
                        .atMost(1)));
        return readings;
    }

    private static Optional<Series> hsm(int rounds) {
        try (SoftHsm token = SoftHsm.token(PIN)) {
            HsmOpening slot =
                    new HsmOpening(new HsmAddress(SoftHsm.library(), token.label(), "root"), PIN, Clock.systemUTC());
            double[] seconds = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                slot.open(PIN);
                seconds[round] = (System.nanoTime() - start) / 1e9;
                Bench.tell("HSM slot: %.2f s", seconds[round]);
            }
            return Optional.of(new Series(seconds));
        } catch (TestAbortedException e) {
            Bench.tell("no figure of an HSM: %s", e.getMessage());
            return Optional.empty();
        }
    }
}

package org.patronvault.bench;

import java.io.IOException;
import java.util.List;

/** Whether a card entitles to a vendor's service, over HTTP. */
final class EntitlementFigure implements Figure {
    private static final int CHECKED = 200;

    @Override
    public String name() {
        return "entitlement";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        SideBySide seen = SideBySide.measure(
                rig, "entitlement", List.of(rig.options().connections()), EntitlementFigure::drivers);
        return List.of(
                seen.rate("entitlement", "entitlement checked", rig.options().connections())
                        .atLeast(5_000),
                seen.p50("entitlement-p50"),
                seen.p99("entitlement-p99"));
    }

    private static SideBySide.Drivers drivers(Rig rig, Rig.Serving serving) throws IOException {
        EntitlementChecks checks = new EntitlementChecks(
                new CheckedCards(rig), serving.port(), serving.side().vendorToken());
        checks.checkWhole(CHECKED);
        Load load = new Load(checks);
        return new SideBySide.Drivers(load, load);
    }
}

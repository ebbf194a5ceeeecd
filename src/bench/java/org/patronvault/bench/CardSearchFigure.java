package org.patronvault.bench;

import java.io.IOException;
import java.util.List;

/** Search by card with four fields revealed, over HTTP. */
final class CardSearchFigure implements Figure {
    private static final int CHECKED = 200;

    @Override
    public String name() {
        return "search";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        SideBySide seen = SideBySide.measure(rig, "search by card", CardSearchFigure::load);
        return List.of(
                seen.rate("search-card", "search by card, four fields revealed").atLeastOfTwin(0.4),
                seen.p50("search-card-p50"),
                seen.p99("search-card-p99").atMost(5));
    }

    private static Load load(Rig rig, Rig.Serving serving) throws IOException {
        Cards cards = new Cards(rig, serving.side());
        cards.checkWhole(serving.port(), CHECKED);
        return new Load(serving.port(), cards);
    }
}

package org.patronvault.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Search by card with four fields revealed, over HTTP. */
final class CardSearchFigure implements Figure {
    private static final int CHECKED = 200;
    private static final int ONE = 1;
    private static final int MANY_TIMES = 4;
    private static final String TITLE = "search by card, four fields revealed";

    @Override
    public String name() {
        return "search";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        String generator = Wrk.version();
        int some = rig.options().connections();
        int many = MANY_TIMES * some;
        SideBySide seen =
                SideBySide.measure(rig, "search by card", List.of(some, ONE, many), CardSearchFigure::drivers);
        List<Reading> readings = new ArrayList<>();
        if (Memory.isTold()) {
            readings.addAll(seen.processor("search-card-processor", TITLE + ": processor time of an answer", some));
            readings.set(0, readings.get(0).atMost(85).noting("asked by " + generator));
            readings.addAll(
                    seen.processor("search-card-processor-one", "processor time of an answer at one connection", ONE));
        }
        readings.addAll(List.of(
                seen.rate("search-card", TITLE, some).atLeastOfTwin(0.6),
                seen.busyP99("search-card-busy-p99", some).atMostOfOther(2),
                seen.rate("search-card-many", TITLE + ", " + many + " connections", many)
                        .atLeastOfTwin(0.5),
                seen.busyP99("search-card-many-p99", many).atMostOfOther(2),
                seen.p50("search-card-p50"),
                seen.p99("search-card-p99").atMost(5)));
        if (Memory.isTold()) {
            seen.anonymous("search-card-memory").forEach(memory -> readings.add(memory.atMost(400)));
        }
        return readings;
    }

    private static SideBySide.Drivers drivers(Rig rig, Rig.Serving serving) throws IOException {
        CardSearches cards = new CardSearches(rig, serving.side());
        cards.checkWhole(serving.port(), CHECKED);
        return new SideBySide.Drivers(cards.wrk(rig, serving.port()), new Load(serving.port(), cards));
    }
}

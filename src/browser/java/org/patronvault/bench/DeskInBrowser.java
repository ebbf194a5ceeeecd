package org.patronvault.bench;

import com.microsoft.playwright.Browser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.browser.Chromium;

/** What a clerk with a scanner waits for, what the network carries of it, and whether anything moves under the hand. */
final class DeskInBrowser implements Figure {
    private static final int MOST_WARMING = 200;
    private static final int SCANS = 100;
    private static final int REVEALED = 15;
    private static final String OFTEN = "smith, j";

    /** What one round saw, in a browser that has never been there. */
    private static final class Round {
        final List<Double> millis = new ArrayList<>();
        final List<Double> bytes = new ArrayList<>();
        double firstDesk;
        double matches;
        double shift;
        double pixels;

        double percentile(int percent) {
            double[] sorted =
                    millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return sorted[sorted.length * percent / 100];
        }
    }

    @Override
    public String name() {
        return "desk-page";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        if (Chromium.program().isEmpty()) {
            Bench.tell("no figures of the desk in a browser: %s", Chromium.MISSING);
            return List.of();
        }
        List<Round> rounds = new ArrayList<>();
        String version;
        try (Rig.Serving serving = rig.serve(rig.vault());
                Chromium chromium = Chromium.start()) {
            version = chromium.browser().version();
            warm(rig, serving, chromium.browser());
            for (int n = 0; n < rig.options().rounds(); n++) {
                Round round = round(rig, serving, chromium.browser(), n);
                Bench.tell("desk: card painted after %.1f ms (p95)", round.percentile(95));
                rounds.add(round);
            }
        }
        return readings(rounds, version);
    }

    private static SplittableRandom random(Rig rig, int stream) {
        return new SplittableRandom(rig.options().seed() * 1_000_003 + stream);
    }

    private static DeskWindow desk(Rig.Serving serving, Browser browser, Round round) {
        DeskWindow window = new DeskWindow(browser);
        round.firstDesk = window.signIn(serving.port(), VaultSide.CLERK, VaultSide.PASSWORD);
        return window;
    }

    private static void warm(Rig rig, Rig.Serving serving, Browser browser) {
        MadeUpPatrons patrons = rig.patrons();
        SplittableRandom random = random(rig, -1);
        long end = System.nanoTime() + rig.options().warmSeconds() * 1_000_000_000L;
        try (DeskWindow window = desk(serving, browser, new Round())) {
            for (int n = 0; n < MOST_WARMING && System.nanoTime() < end; n++) {
                scan(window, patrons.patron(1 + random.nextInt(patrons.size())));
            }
            DeskWindow.Moved moved = window.push();
            if (moved.shift() == 0 || moved.pixels() == 0) {
                throw new IllegalStateException("a page that was pushed down was not seen to move: " + moved);
            }
        }
    }

    private static DeskWindow.Scanned scan(DeskWindow window, MadeUpPatron patron) {
        DeskWindow.Scanned scanned = window.scan(patron.card());
        if (!scanned.name().contains(patron.name().family())) {
            throw new IllegalStateException("a scan opened the card of somebody else");
        }
        return scanned;
    }

    private static Round round(Rig rig, Rig.Serving serving, Browser browser, int n) {
        MadeUpPatrons patrons = rig.patrons();
        SplittableRandom random = random(rig, n);
        Round round = new Round();
        try (DeskWindow window = desk(serving, browser, round)) {
            for (int scans = 0; scans < SCANS; scans++) {
                DeskWindow.Scanned scanned = scan(window, patrons.patron(1 + random.nextInt(patrons.size())));
                round.millis.add(scanned.millisToPaint());
                round.bytes.add(scanned.bytes());
            }
            round.matches = window.find(OFTEN);
            for (int opened = 0; opened < REVEALED; opened++) {
                scan(window, withEverything(patrons, random));
                for (String noun : List.of("phone", "e-mail", "address")) {
                    DeskWindow.Moved moved = window.reveal(noun, label(noun));
                    round.shift += moved.shift();
                    round.pixels = Math.max(round.pixels, moved.pixels());
                }
            }
        }
        return round;
    }

    private static String label(String noun) {
        return noun.substring(0, 1).toUpperCase(Locale.ROOT) + noun.substring(1);
    }

    private static MadeUpPatron withEverything(MadeUpPatrons patrons, SplittableRandom random) {
        while (true) {
            MadeUpPatron patron = patrons.patron(1 + random.nextInt(patrons.size()));
            if (!patron.phones().isEmpty() && !patron.email().isEmpty()) {
                return patron;
            }
        }
    }

    private interface Value {
        double of(Round round);
    }

    private static Reading reading(String id, String title, String unit, List<Round> rounds, Value value, String note) {
        double[] values = new double[rounds.size()];
        Arrays.setAll(values, n -> value.of(rounds.get(n)));
        return Reading.of(id, title, unit, new Series(values), note);
    }

    private static List<Reading> readings(List<Round> rounds, String version) {
        String paint =
                SCANS + " scans a round, 10 ms a key; from the time stamp of Enter's key to the presentation of the"
                        + " frame that shows the name; Chromium " + version;
        String wire = "as they came over the wire, headers included";
        return List.of(
                reading("desk-painted-p50", "scan to card painted, p50", "ms", rounds, r -> r.percentile(50), paint),
                reading("desk-painted", "scan to card painted, p95", "ms", rounds, r -> r.percentile(95), paint)
                        .atMost(150),
                reading(
                                "desk-first",
                                "first desk: address, sign-in, desk, nothing cached",
                                "bytes",
                                rounds,
                                r -> r.firstDesk,
                                wire)
                        .atMost(60_000),
                reading("desk-scan-bytes", "a look-up by card, mean", "bytes", rounds, DeskInBrowser::mean, wire)
                        .atMost(5_000),
                reading(
                                "desk-scan-most-bytes",
                                "a look-up by card, largest",
                                "bytes",
                                rounds,
                                DeskInBrowser::most,
                                wire)
                        .atMost(5_000),
                reading("desk-find-bytes", "a look-up of \"" + OFTEN + "\"", "bytes", rounds, r -> r.matches, wire)
                        .atMost(5_000),
                reading(
                                "desk-shift",
                                "layout shift on reveal, sum",
                                "",
                                rounds,
                                r -> r.shift,
                                "phone, e-mail and address of " + REVEALED + " patrons a round, input no excuse")
                        .atMost(0),
                reading(
                                "desk-moved",
                                "farthest that anything moved on reveal",
                                "px",
                                rounds,
                                r -> r.pixels,
                                "headings, labels, buttons and fields that are there before and after")
                        .atMost(0));
    }

    private static double mean(Round round) {
        return round.bytes.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static double most(Round round) {
        return round.bytes.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}

package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.FaultLedger;
import org.patronvault.testing.LongRun;

/**
 * What look-ups take beside a thousand connections that drip their requests. Few seconds unless more is asked for:
 * {@code -Dfault.slow=9} pairs, which the profile {@code fault} puts into the ledger (fault.md).
 */
@Tag(LongRun.TAG)
final class SlowCallersIT {
    private static final FaultLedger LEDGER = new FaultLedger(
            "slow.csv",
            "date",
            "connections",
            "open",
            "pairs",
            "p99 without ms",
            "p99 with ms",
            "median of ratios",
            "least",
            "most",
            "ended and opened again",
            "broken off");
    private static final Integer PAIRS = Integer.getInteger("fault.slow");
    /** A thousand, and as many as the server has ended that have not come again yet. */
    private static final int CONNECTIONS = 1_200;

    /** Beside other tests, who opens them has to wait himself; with fewer than a third of the places nobody is hurried. */
    private static final int LEAST_OPEN = PAIRS == null ? 500 : 1_000;

    private static final int PATRONS = 20;
    private static final double MOST = PAIRS == null ? 6 : 2;
    private static final long SPAN_NANOS = (PAIRS == null ? 2 : 10) * 1_000_000_000L;

    /** A pause of the machine in a span this short is no answer to what is asked. */
    private static final long LEAST_P99_MICROS = 2_000;

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private String client;
    private int asked;
    private final List<Double> ratios = new ArrayList<>();
    private final List<Long> without = new ArrayList<>();
    private final List<Long> with = new ArrayList<>();
    private int again;
    private int open = CONNECTIONS;

    @Test
    void lookupsBesideAThousandSlowConnectionsTakeAtMostTwiceAsLong() {
        boolean ended = false;
        try {
            compare();
            assertThat(open).as("connections that were open").isGreaterThanOrEqualTo(LEAST_OPEN);
            assertThat(median(ratios)).as("p99 with over without, %s", ratios).isLessThanOrEqualTo(MOST);
            ended = true;
        } finally {
            record(ended);
        }
    }

    private void compare() {
        vault.start();
        String clerk = vault.signIn("clerk");
        for (int n = 0; n < PATRONS; n++) {
            vault.register(clerk, SamplePatron.of(n));
        }
        client = vault.json(
                        "admin",
                        "client",
                        "add",
                        "ils",
                        "--scope",
                        "ils",
                        "--daily",
                        "none",
                        "--second",
                        "dir",
                        "--second-password-file",
                        "../pw")
                .path("key")
                .asText();
        lookups();
        int pairs = PAIRS == null ? 1 : PAIRS;
        for (int n = 0; n < pairs; n++) {
            without.add(lookups());
            try (SlowCallers slow = SlowCallers.begin(vault.address(), CONNECTIONS)) {
                with.add(lookups());
                again += slow.again();
                open = Math.min(open, slow.open());
            }
            ratios.add(Math.max(with.get(n), LEAST_P99_MICROS) / (double) Math.max(without.get(n), LEAST_P99_MICROS));
        }
    }

    /** Searches for a while, one after the other, each of which must succeed; the p99 in microseconds. */
    private long lookups() {
        Histogram histogram = new Histogram(3);
        long end = System.nanoTime() + SPAN_NANOS;
        while (System.nanoTime() < end) {
            long began = System.nanoTime();
            Answer answer = vault.send(
                    "POST",
                    "/v1/patrons/search",
                    client,
                    "{\"card\":\"" + SamplePatron.card(asked++ % PATRONS)
                            + "\",\"purpose\":\"account-service\",\"reveal\":[\"phone\"]}",
                    Map.of());
            histogram.recordValue((System.nanoTime() - began) / 1_000);
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        }
        return histogram.getValueAtPercentile(99);
    }

    /** Of all, or 0 where it did not come to the first. */
    private static double median(List<? extends Number> all) {
        double[] sorted = all.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }

    private void record(boolean ended) {
        LEDGER.add(
                LocalDate.now(ZoneOffset.UTC),
                CONNECTIONS,
                open,
                ratios.size(),
                hundredths(median(without) / 1_000),
                hundredths(median(with) / 1_000),
                hundredths(median(ratios)),
                hundredths(ratios.stream().reduce(Math::min).orElse(0.0)),
                hundredths(ratios.stream().reduce(Math::max).orElse(0.0)),
                again,
                ended ? 0 : 1);
    }

    private static String hundredths(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }
}

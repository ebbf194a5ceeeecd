package org.patronvault.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class StepProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(printed, true, StandardCharsets.UTF_8);
    private long nanos = 17;

    private void at(StepProgress progress, long seconds, String step, long done, long total) {
        nanos = 17 + seconds * SECOND;
        progress.at(step, done, total);
    }

    @Test
    void lineEveryFiveSecondsTellsShareAndByTheLastPaceHowLongItTakes() {
        StepProgress progress = new StepProgress.Lines(err, () -> nanos);
        at(progress, 0, "phone", 0, 100_000);
        at(progress, 4, "phone", 10_000, 100_000);
        assertThat(printed.size()).isZero();
        at(progress, 10, "phone", 40_000, 100_000);
        at(progress, 20, "phone", 40_000, 100_000);
        at(progress, 21, "email", 500, 100_000);
        at(progress, 30, "email", 1_500, 100_000);
        at(progress, 40, "counting", 7, 0);
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines("""
                phone: 40 %, 4,000 a second, about 15 s left.
                phone: 40 %.
                email: 1 %, 100 a second, about 16 min left.
                counting: 7.
                """);
    }

    @Test
    void barOnATerminalShowsStepShareAndPace() {
        try (StepProgress progress = StepProgress.of(err, true)) {
            progress.at("phone", 40, 100);
            progress.at("email", 100, 100);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("phone")
                .contains("40%")
                .contains("email")
                .contains("100%")
                .contains("/s");
    }
}

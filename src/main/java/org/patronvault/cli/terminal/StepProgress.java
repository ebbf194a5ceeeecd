package org.patronvault.cli.terminal;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.patronvault.upkeep.backup.Progress;

/**
 * A progress display for work of several steps: a bar for each step on a terminal, otherwise a plain line every five
 * seconds. Both show the pace and the time left. Not thread safe.
 */
public abstract sealed class StepProgress implements Progress, AutoCloseable {
    private static final int BAR_COLUMNS = 79;
    private static final int SECONDS_TOLD = 90;
    private static final int MINUTES_TOLD = 90;

    /** Creates a display on {@code err}. */
    public static StepProgress of(PrintStream err, boolean bar) {
        return bar ? new Bars(err) : new Lines(err, System::nanoTime);
    }

    /** Formats a time in a word or two. */
    public static String left(long seconds) {
        if (seconds < SECONDS_TOLD) {
            return seconds + " s";
        }
        long minutes = Math.round(seconds / 60.0);
        return minutes < MINUTES_TOLD ? minutes + " min" : Math.round(minutes / 60.0) + " h";
    }

    @Override
    public void close() {
        // Lines need no end.
    }

    private static final class Bars extends StepProgress {
        private final PrintStream err;
        private String step = "";
        private ProgressBar bar;

        private Bars(PrintStream err) {
            this.err = err;
        }

        @Override
        public void at(String now, long done, long total) {
            if (!now.equals(step)) {
                close();
                step = now;
                bar = new ProgressBarBuilder()
                        .setTaskName(now)
                        .setInitialMax(total > 0 ? total : -1)
                        .startsFrom(done, Duration.ZERO)
                        .showSpeed()
                        .setConsumer(new ConsoleProgressBarConsumer(err, BAR_COLUMNS))
                        .build();
            }
            bar.stepTo(total > 0 ? Math.min(done, total) : done);
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }

    /** A display of lines for later reading. */
    static final class Lines extends StepProgress {
        private static final long EVERY_NANOS = 5_000_000_000L;
        private static final double NANOS = 1e9;

        private final PrintStream err;
        private final LongSupplier nanoTime;
        private long lastTime;
        private long lastDone;
        private String step = "";

        Lines(PrintStream err, LongSupplier nanoTime) {
            this.err = err;
            this.nanoTime = nanoTime;
            this.lastTime = nanoTime.getAsLong();
        }

        @Override
        public void at(String named, long done, long total) {
            if (!named.equals(step)) {
                step = named;
                lastDone = done;
            }
            long now = nanoTime.getAsLong();
            if (now - lastTime >= EVERY_NANOS) {
                String share = total > 0
                        ? String.format(Locale.ROOT, "%d %%", Math.min(99, done * 100 / total))
                        : String.format(Locale.ROOT, "%,d", done);
                err.println(step + ": " + share + pace(done, total, (now - lastTime) / NANOS) + ".");
                lastTime = now;
                lastDone = done;
            }
        }

        /** Uses the pace since the previous line. */
        private String pace(long done, long total, double seconds) {
            double pace = (done - lastDone) / seconds;
            if (pace <= 0) {
                return "";
            }
            String left = total > done ? ", about " + left(Math.round((total - done) / pace)) + " left" : "";
            return String.format(Locale.ROOT, ", %,d a second", Math.round(pace)) + left;
        }
    }
}

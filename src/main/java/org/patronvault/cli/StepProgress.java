package org.patronvault.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.patronvault.upkeep.Progress;

/**
 * Shows how far work of several steps is: a bar for each step on a terminal, a plain line every five seconds elsewhere.
 * Not safe for use by several threads.
 */
abstract sealed class StepProgress implements Progress, AutoCloseable {
    private static final int BAR_COLUMNS = 79;

    /** Shows it on {@code err}. */
    static StepProgress of(PrintStream err, boolean bar) {
        return bar ? new Bars(err) : new Lines(err, System::nanoTime);
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

    /** Lines for whoever reads them later. */
    static final class Lines extends StepProgress {
        private static final long EVERY_NANOS = 5_000_000_000L;

        private final PrintStream err;
        private final LongSupplier nanoTime;
        private long lastTime;

        Lines(PrintStream err, LongSupplier nanoTime) {
            this.err = err;
            this.nanoTime = nanoTime;
            this.lastTime = nanoTime.getAsLong();
        }

        @Override
        public void at(String step, long done, long total) {
            long now = nanoTime.getAsLong();
            if (now - lastTime >= EVERY_NANOS) {
                String share = total > 0
                        ? String.format(Locale.ROOT, "%d %%", Math.min(99, done * 100 / total))
                        : String.format(Locale.ROOT, "%,d", done);
                err.println(step + ": " + share + ".");
                lastTime = now;
            }
        }
    }
}

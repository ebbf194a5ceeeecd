package org.patronvault.cli.patrons;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.patron.transfer.ImportListener;
import org.patronvault.patron.transfer.format.PatronReader;

/**
 * A progress display for imports, updated after each patron: a bar on a terminal, otherwise a plain line every five
 * seconds. Both show the share of the file and the time left. Not thread safe.
 */
abstract sealed class ImportProgress implements ImportListener, AutoCloseable {
    private static final int BAR_COLUMNS = 79;

    /** Creates a display on {@code err}. */
    static ImportProgress of(PatronReader file, PrintStream err, boolean bar) {
        return bar ? new Bar(file, err) : new Lines(file, err, System::nanoTime);
    }

    @Override
    public void close() {
        // Lines need no end.
    }

    private static final class Bar extends ImportProgress {
        private final PatronReader file;
        private final ProgressBar bar;

        private Bar(PatronReader file, PrintStream err) {
            this.file = file;
            this.bar = new ProgressBarBuilder()
                    .setTaskName("Import")
                    .setInitialMax(file.position()
                            .map(PatronReader.Position::fileBytes)
                            .orElse(-1L))
                    .setUnit(" KiB", 1 << 10)
                    .setConsumer(new ConsoleProgressBarConsumer(err, BAR_COLUMNS))
                    .build();
        }

        @Override
        public void read(long done) {
            file.position().ifPresent(at -> bar.stepTo(Math.min(at.bytesRead(), at.fileBytes())));
            bar.setExtraMessage(String.format(Locale.ROOT, " %,d patrons", done));
        }

        @Override
        public void merging() {
            bar.setExtraMessage(" filling the index");
            bar.refresh();
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** A display of lines for later reading. The time left follows the pace since the previous line. */
    static final class Lines extends ImportProgress {
        private static final long EVERY_NANOS = 5_000_000_000L;
        private static final double NANOS = 1e9;

        private final PatronReader file;
        private final PrintStream err;
        private final LongSupplier nanoTime;
        private long lastTime;
        private double lastShare;
        private boolean isLong;

        Lines(PatronReader file, PrintStream err, LongSupplier nanoTime) {
            this.file = file;
            this.err = err;
            this.nanoTime = nanoTime;
            this.lastTime = nanoTime.getAsLong();
        }

        @Override
        public void read(long done) {
            long now = nanoTime.getAsLong();
            if (now - lastTime >= EVERY_NANOS) {
                String patrons = String.format(Locale.ROOT, "%,d patrons read", done);
                err.println(
                        patrons + file.position().map(at -> position(at, now)).orElse("") + ".");
                lastTime = now;
                isLong = true;
            }
        }

        @Override
        public void merging() {
            if (isLong) {
                err.println("All are read, and put into the index now: about a third of the time again.");
            }
        }

        private String position(PatronReader.Position at, long now) {
            double share = at.share();
            double pace = (share - lastShare) / ((now - lastTime) / NANOS);
            lastShare = share;
            Optional<String> left =
                    pace > 0 ? Optional.of(StepProgress.left(Math.round((1 - share) / pace))) : Optional.empty();
            return String.format(Locale.ROOT, ", %.0f %% of the file", Math.floor(share * 100))
                    + left.map(time -> ", about " + time + " left").orElse("");
        }
    }
}

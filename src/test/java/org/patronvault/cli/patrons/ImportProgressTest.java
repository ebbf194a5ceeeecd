package org.patronvault.cli.patrons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.transfer.format.PatronReader;

final class ImportProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(printed, true, StandardCharsets.UTF_8);
    private Optional<PatronReader.Position> position = Optional.empty();
    private long nanos = 17;

    private final PatronReader file = new PatronReader() {
        @Override
        public Optional<ImportRow> next() {
            return Optional.empty();
        }

        @Override
        public Optional<Position> position() {
            return position;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    };

    private void at(long bytes, long seconds) {
        position = Optional.of(new PatronReader.Position(bytes, 100_000));
        nanos = 17 + seconds * SECOND;
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void lineEveryFiveSecondsTellsShareAndTimeLeftByTheLastPace() {
        ImportProgress progress = new ImportProgress.Lines(file, err, () -> nanos);
        at(1_000, 4);
        progress.read(100);
        assertThat(printed()).isEmpty();
        at(24_000, 10);
        progress.read(12_000);
        at(24_900, 14);
        progress.read(12_100);
        at(25_000, 20);
        progress.read(12_500);
        at(25_100, 30);
        progress.read(12_600);
        progress.merging();
        assertThat(printed()).isEqualToNormalizingNewlines("""
                12,000 patrons read, 24 % of the file, about 32 s left.
                12,500 patrons read, 25 % of the file, about 13 min left.
                12,600 patrons read, 25 % of the file, about 2 h left.
                All are read, and put into the index now: about a third of the time again.
                """);
    }

    @Test
    void withoutASizeOrWithoutProgressNoTimeIsPromised() {
        ImportProgress progress = new ImportProgress.Lines(file, err, () -> nanos);
        nanos += 6 * SECOND;
        progress.read(7);
        at(0, 12);
        progress.read(8);
        assertThat(printed()).isEqualToNormalizingNewlines("""
                7 patrons read.
                8 patrons read, 0 % of the file.
                """);
    }

    @Test
    void ofASmallFileNothingIsSaid() {
        ImportProgress progress = new ImportProgress.Lines(file, err, () -> nanos);
        at(50_000, 4);
        progress.read(300);
        progress.merging();
        assertThat(printed()).isEmpty();
    }

    @Test
    void barOnATerminalShowsShareAndPatrons() {
        at(40_000, 0);
        try (ImportProgress progress = ImportProgress.of(file, err, true)) {
            progress.read(1_200);
        }
        assertThat(printed()).contains("Import").contains("40%").contains("1,200 patrons");
    }

    @Test
    void barSaysWhatIsDoneWhenAllAreRead() {
        try (ImportProgress progress = ImportProgress.of(file, err, true)) {
            progress.read(1_200);
            progress.merging();
        }
        assertThat(printed()).contains("filling the index");
    }
}

package org.patronvault.patron.transfer.format;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.PatronDraft;

/**
 * The rows of a CSV file (RFC 4180) as cells, the header included. Cells are separated by commas, semicolons or tabs,
 * whichever the first line has most of. Any line ending is accepted, and empty lines are skipped. One row is held at a
 * time, with at most {@value #MAX_COLUMNS} cells of at most {@value #MAX_CELL_LENGTH} characters, however large the
 * file's are.
 */
final class CsvRows implements Closeable {
    /** The most cells of a row that are kept. */
    static final int MAX_COLUMNS = 1_000;

    /** Replaces a cell longer than anything the vault keeps: it is itself too long for every use. */
    static final String TOO_LONG = "x".repeat(PatronDraft.MAX_TEXT_LENGTH + 1);

    private static final int MAX_CELL_LENGTH = 1_000;
    private static final int MAX_BUFFER_CHARS = 1 << 23;
    private static final int HEAD_CHARS = 1 << 16;
    private static final char QUOTE = '"';
    private static final String SEPARATORS = ",;\t";

    /** How a spreadsheet states the separator in a line before the header. */
    private static final String SEPARATOR_LINE = "sep=";

    /**
     * One row.
     *
     * @param cells at most {@value #MAX_COLUMNS}
     * @param count how many cells the file has there
     * @param swallowed whether a cell holds a line with as many separators as a row has: a misplaced quotation mark
     *     merged rows into a cell
     */
    record Row(long line, List<String> cells, int count, boolean swallowed) {}

    private final Source source;
    private Cells cells;
    private CloseableIterator<Row> rows;
    private Refused fileFault;

    CsvRows(CsvText text) {
        this.source = new Source(text);
    }

    /** Sets the number of cells that rows should have from now on. */
    void expect(int columns) {
        cells.columns = columns;
    }

    /**
     * The next row, or empty at the end.
     *
     * @throws Refused {@code invalid} if the file itself is damaged from here on
     */
    Optional<Row> next() {
        if (fileFault != null) {
            throw fileFault;
        }
        try {
            if (rows == null) {
                start();
            }
            return rows.hasNext() ? Optional.of(rows.next()) : Optional.empty();
        } catch (Refused e) {
            throw fail(e);
        } catch (CsvParseException e) {
            // The parser wraps what its source throws; its own messages may hold a character of the file.
            throw fail(e.getCause() instanceof Refused refused ? refused : wrongQuotes());
        } catch (UncheckedIOException | IOException e) {
            throw fail(new Refused(Problem.INVALID, "The file could not be read any further (line " + line() + ")."));
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private Refused fail(Refused fault) {
        fileFault = fault;
        return fault;
    }

    private long line() {
        return cells == null ? 1 : cells.line;
    }

    private Refused wrongQuotes() {
        String what = "A quotation mark stands inside a cell, where it must be doubled";
        if (source.delivered - cells.deliveredBefore >= MAX_BUFFER_CHARS / 2) {
            what = "A cell has more than 8 million characters, or its quotation mark is never closed";
        } else if (source.ended) {
            what = "A quotation mark that opens a cell is never closed";
        }
        return new Refused(Problem.INVALID, what + " (in the row that starts on line " + line() + ").");
    }

    private void start() throws IOException {
        char separator = separator(source.peekLine());
        cells = new Cells(source, separator);
        rows = CsvReader.builder()
                .fieldSeparator(separator)
                .quoteCharacter(QUOTE)
                .skipEmptyLines(true)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .maxBufferSize(MAX_BUFFER_CHARS)
                .build(cells, source)
                .iterator();
    }

    private static char separator(String line) {
        String first = line.strip();
        if (first.startsWith(SEPARATOR_LINE) && first.length() == SEPARATOR_LINE.length() + 1) {
            return first.charAt(SEPARATOR_LINE.length()) == QUOTE ? ',' : first.charAt(SEPARATOR_LINE.length());
        }
        int[] found = new int[SEPARATORS.length()];
        int most = 0;
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            quoted ^= c == QUOTE;
            int which = quoted ? -1 : SEPARATORS.indexOf(c);
            if (which >= 0) {
                found[which]++;
                most = found[which] > found[most] ? which : most;
            }
        }
        return SEPARATORS.charAt(most);
    }

    /** Whether {@code row} states the separator, so that the header is still to come. */
    static boolean statesSeparator(Row row) {
        return row.cells().get(0).startsWith(SEPARATOR_LINE);
    }

    /** The text of the file, whose beginning can be read ahead. */
    private static final class Source extends Reader {
        private final CsvText text;
        private final char[] head = new char[HEAD_CHARS];
        private int headLength;
        private int headRead;
        private long delivered;
        private boolean ended;

        private Source(CsvText text) {
            this.text = text;
        }

        /** The file's first line that is not blank, or as much of it as fits. */
        private String peekLine() throws IOException {
            Optional<String> line = Optional.empty();
            int n = 0;
            while (line.isEmpty() && n >= 0 && headLength < head.length) {
                n = text.read(head, headLength, head.length - headLength);
                headLength += Math.max(0, n);
                line = firstLine();
            }
            return line.orElse(new String(head, 0, headLength));
        }

        @Override
        public int read(char[] target, int offset, int length) throws IOException {
            int n = Math.min(length, headLength - headRead);
            if (n > 0) {
                System.arraycopy(head, headRead, target, offset, n);
                headRead += n;
            } else {
                n = text.read(target, offset, length); // alone: a fault in it must not cost what came before
            }
            delivered += Math.max(0, n);
            ended = n < 0;
            return n;
        }

        @Override
        public void close() throws IOException {
            text.close();
        }

        private Optional<String> firstLine() {
            int start = 0;
            boolean quoted = false;
            for (int i = 0; i < headLength; i++) {
                quoted ^= head[i] == QUOTE;
                if (!quoted && (head[i] == '\n' || head[i] == '\r')) {
                    String line = new String(head, start, i - start);
                    if (!line.isBlank()) {
                        return Optional.of(line);
                    }
                    start = i + 1;
                }
            }
            return Optional.empty();
        }
    }

    /** Makes rows from the parser's calls. */
    private static final class Cells extends AbstractBaseCsvCallbackHandler<Row> {
        private final Source source;
        private final char separator;
        private int columns = Integer.MAX_VALUE;

        private List<String> kept = new ArrayList<>();
        private long line = 1;
        private long deliveredBefore;
        private boolean swallowed;

        private Cells(Source source, char separator) {
            this.source = source;
            this.separator = separator;
        }

        @Override
        protected void handleBegin(long startingLine) {
            kept = new ArrayList<>();
            line = startingLine;
            deliveredBefore = source.delivered;
            swallowed = false;
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            if (index < MAX_COLUMNS) {
                kept.add(length > MAX_CELL_LENGTH ? TOO_LONG : new String(buffer, offset, length));
            }
            swallowed |= quoted && columns > 2 && holdsRow(buffer, offset, offset + length);
        }

        /** Whether a line after the cell's first has as many separators as a whole row. */
        private boolean holdsRow(char[] buffer, int start, int end) {
            int separators = Integer.MIN_VALUE;
            for (int i = start; i < end; i++) {
                char c = buffer[i];
                if (c == '\n' || c == '\r') {
                    separators = 0;
                } else if (c == separator) {
                    separators++;
                }
                if (separators >= columns - 1) {
                    return true;
                }
            }
            return false;
        }

        @Override
        protected Row buildRecord() {
            return new Row(line, kept, getFieldCount(), swallowed);
        }
    }
}

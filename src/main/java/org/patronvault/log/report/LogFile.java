package org.patronvault.log.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.patron.transfer.format.CsvCell;

/**
 * A file of log entries, an entry a line, written as they arrive. The last line says that it is the last, and how many
 * entries precede it, so a cut file cannot pass for a whole one. For one thread.
 */
public final class LogFile implements AccessHistory.Sink, Closeable {
    private static final List<String> COLUMNS = List.of(
            "index", "time", "visit", "actor", "role", "library", "act", "purpose", "patrons", "fields", "case",
            "outcome", "reason", "about", "count", "second", "policy", "request");

    /** The format of a line. */
    public enum Format {
        /** RFC 4180, a header first, UTF-8. */
        CSV("text/csv"),
        /** A JSON object a line. */
        JSONL("application/jsonl");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }

        /** Its media type. */
        public String mediaType() {
            return mediaType;
        }

        /** The format of that name. */
        public static Optional<Format> of(String name) {
            return Arrays.stream(values())
                    .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst();
        }
    }

    private final Format format;
    private final Writer writer;
    private final CsvWriter csv;
    private long entries;

    /** Writes to {@code out}, which is closed with this. */
    public LogFile(Format format, OutputStream out) {
        this.format = format;
        this.writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        this.csv = CsvWriter.builder().build(writer);
        if (format == Format.CSV) {
            csv.writeRecord(COLUMNS);
        }
    }

    @Override
    public void add(LogReader.Entry entry, long visit) {
        if (format == Format.CSV) {
            csv.writeRecord(cells(entry, visit));
        } else {
            line(LogJson.of(entry).put("visit", visit));
        }
        entries++;
    }

    @Override
    public void unreadable(long index) {
        if (format == Format.CSV) {
            record(Long.toString(index), "unreadable");
        } else {
            line(JsonNodeFactory.instance.objectNode().put("index", index).put("unreadable", true));
        }
    }

    /** Writes the last line. */
    public void end() {
        if (format == Format.CSV) {
            record("end", Long.toString(entries));
        } else {
            line(JsonNodeFactory.instance.objectNode().put("end", true).put("entries", entries));
        }
    }

    /** A record of two cells that is as wide as the others. */
    private void record(String first, String second) {
        List<String> cells = new ArrayList<>(List.of(first, second));
        cells.addAll(Collections.nCopies(COLUMNS.size() - cells.size(), ""));
        csv.writeRecord(cells);
    }

    private void line(ObjectNode json) {
        try {
            writer.write(json.toString());
            writer.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many entries were added. */
    public long entries() {
        return entries;
    }

    private static List<String> cells(LogReader.Entry entry, long visit) {
        AccessEvent event = entry.event();
        List<String> patrons = event.subjects().stream()
                .map(subject -> subject.patron().toString())
                .toList();
        return List.of(
                Long.toString(entry.index()),
                event.time().toString(),
                Long.toString(visit),
                CsvCell.plain(event.actor().name()),
                CsvCell.plain(event.actor().role()),
                CsvCell.plain(event.actor().library()),
                event.act().wireName(),
                event.purpose().map(Purpose::name).orElse(""),
                String.join(" ", patrons),
                String.join(" ", LogJson.fields(event)),
                event.inCase().map(CaseId::toString).orElse(""),
                event.outcome().wireName(),
                event.reason().map(Problem::slug).orElse(""),
                CsvCell.plain(event.about().orElse("")),
                number(event.count()),
                CsvCell.plain(event.second().map(Approver::name).orElse("")),
                CsvCell.plain(event.policy().orElse("")),
                java.util.HexFormat.of().formatHex(event.request()));
    }

    private static String number(OptionalLong count) {
        return count.isPresent() ? Long.toString(count.getAsLong()) : "";
    }

    /** Writes what is left. */
    @Override
    public void close() throws IOException {
        csv.close();
    }
}

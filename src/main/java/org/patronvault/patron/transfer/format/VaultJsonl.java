package org.patronvault.patron.transfer.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.ImportRow.Reason;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.record.TransferredState;

/**
 * A reader of patrons from a file of JSON lines in UTF-8: each line is one patron object of the API. Two things differ
 * from the API. A member {@code registered} ({@code YYYY-MM} or a day) keeps the month of registration. Members the
 * policy does not name are dropped and reported, not refused. A line's own consent and library come before those of the
 * import options. A byte order mark and blank lines are skipped. A line that is not JSON refuses that row alone.
 */
public final class VaultJsonl implements PatronReader {
    private static final int MAX_LINE_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String BYTE_ORDER_MARK = "\ufeff";

    /** Members that other systems send, and that are harmless as names. */
    private static final Pattern REPORTABLE = Pattern.compile("id|version|entry|username|externalId|dateOfBirth"
            + "|birthDate|dob|age|sex|gender|pronouns|title|nationalId|ssn|driversLicense|password|pin|photo|note|notes"
            + "|message|messages|guardian|school|employer|occupation|language|checkouts|holds|fines|history");

    private final ImportFile in;
    private final PatronJson json;
    private final ImportOptions.Rows rows;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long lineNumber;
    private boolean lineTooLong;
    private boolean anyRow;
    private Refused fileFault;

    /** Reads {@code in}, which {@link #close} closes. */
    public VaultJsonl(InputStream in, PatronJson json, ImportOptions terms) {
        this.in = ImportFile.of(in);
        this.json = json;
        this.rows = terms.rows(json);
    }

    /**
     * Reads {@code file}.
     *
     * @throws Refused {@code invalid} if it cannot be read
     */
    public static VaultJsonl open(Path file, PatronJson json, ImportOptions terms) {
        return new VaultJsonl(ImportFile.open(file), json, terms);
    }

    @Override
    public Optional<ImportRow> next() {
        if (fileFault != null) {
            throw fileFault;
        }
        try {
            return advance();
        } catch (CharacterCodingException e) {
            throw fail("The file is not text in UTF-8", lineNumber);
        } catch (IOException e) {
            throw fail("The file could not be read any further", lineNumber + 1);
        }
    }

    @Override
    public Optional<Position> position() {
        return in.position();
    }

    @Override
    public boolean fileChanged() {
        return in.changed();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private Optional<ImportRow> advance() throws IOException {
        while (readLine()) {
            if (lineTooLong) {
                anyRow = true;
                return Optional.of(ImportOptions.Rows.refused(lineNumber, Reason.TOO_LONG, new TreeSet<>()));
            }
            String text = decode(line.toByteArray());
            if (!text.isBlank()) {
                anyRow = true;
                return Optional.of(row(text));
            }
        }
        if (!anyRow) {
            throw fail("The file is empty", 1);
        }
        return Optional.empty();
    }

    private ImportRow row(String text) {
        SortedSet<String> dropped = new TreeSet<>();
        try (JsonParser parser = ImportOptions.Tree.FACTORY.createParser(text)) {
            parser.nextToken();
            ImportOptions.Tree patron = ImportOptions.Tree.read(parser);
            Optional<Reason> fault = parser.nextToken() == null ? patron.fault() : Optional.of(Reason.JSON_MALFORMED);
            if (fault.isPresent()) {
                return ImportOptions.Rows.refused(lineNumber, fault.get(), dropped);
            }
            json.checkMembers(patron.root(), member -> report(member, dropped));
            return rows.row(lineNumber, (ObjectNode) patron.root(), dropped);
        } catch (IOException e) {
            return ImportOptions.Rows.refused(lineNumber, Reason.JSON_MALFORMED, dropped);
        }
    }

    private static void report(String member, SortedSet<String> dropped) {
        if (!member.equals(ImportOptions.Rows.REGISTERED) && !TransferredState.MEMBERS.contains(member)) {
            dropped.add(REPORTABLE.matcher(member).matches() ? member : ImportRow.OTHER);
        }
    }

    /** Fills {@link #line} up to the next line feed; false at the end of the file. */
    private boolean readLine() throws IOException {
        line.reset();
        lineTooLong = false;
        boolean started = false;
        while (true) {
            if (position == limit) {
                position = 0;
                limit = Math.max(0, in.read(buffer));
                if (limit == 0) {
                    lineNumber += started ? 1 : 0;
                    return started;
                }
            }
            started = true;
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            keep(end - position);
            position = Math.min(limit, end + 1);
            if (end < limit) {
                lineNumber++;
                return true;
            }
        }
    }

    private void keep(int length) {
        lineTooLong |= line.size() + length > MAX_LINE_BYTES;
        if (!lineTooLong) {
            line.write(buffer, position, length);
        }
    }

    private String decode(byte[] bytes) throws CharacterCodingException {
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        if (text.indexOf('\0') >= 0) {
            throw new CharacterCodingException(); // UTF-16 of plain letters passes for UTF-8 with NULs
        }
        return lineNumber == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }

    private Refused fail(String what, long atLine) {
        fileFault = new Refused(Problem.INVALID, what + " (line " + atLine + ").");
        return fileFault;
    }
}

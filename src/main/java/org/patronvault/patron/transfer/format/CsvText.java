package org.patronvault.patron.transfer.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A reader of a CSV file's text, without its byte order mark. A byte that is not valid in the stated encoding is a
 * fault of the file. All text before it is delivered first. From then on every call throws the same {@link Refused},
 * which says what the file seems to be and what helps.
 */
final class CsvText extends Reader {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int BUFFER_CHARS = 1 << 13;
    private static final int FIRST_BYTES = 4;
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final InputStream in;
    private final CsvTerms.Encoding encoding;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private final CharBuffer chars = CharBuffer.allocate(BUFFER_CHARS).flip();
    private CharsetDecoder decoder;
    private boolean lastBytes;
    private boolean nonAsciiSeen;

    private long line = 1;
    private boolean afterCarriageReturn;
    private Refused fault;

    CsvText(InputStream in, CsvTerms.Encoding encoding) {
        this.in = in;
        this.encoding = encoding;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        if (decoder == null) {
            start();
        }
        while (!chars.hasRemaining()) {
            if (fault != null) {
                throw fault;
            }
            if (lastBytes && !bytes.hasRemaining()) {
                return -1;
            }
            decode();
        }
        int n = Math.min(length, chars.remaining());
        chars.get(target, offset, n);
        return n;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void start() throws IOException {
        while (!lastBytes && bytes.remaining() < FIRST_BYTES) {
            fill();
        }
        Charset charset = charset();
        decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        decode();
        if (chars.hasRemaining() && chars.get(chars.position()) == BYTE_ORDER_MARK) {
            chars.get();
        }
    }

    /** The charset of the stated encoding, refined by the first bytes if they do not contradict it. */
    private Charset charset() {
        boolean mark = starts(0xef, 0xbb, 0xbf);
        boolean littleEndian = starts(0xff, 0xfe) || (starts(-1, 0, -1, 0) && !starts(0));
        boolean bigEndian = starts(0xfe, 0xff) || (starts(0, -1, 0, -1) && !starts(0, 0));
        if (starts('P', 'K', 3, 4)) {
            throw fail("The file is a spreadsheet or an archive and not CSV", "save it as CSV in UTF-8");
        }
        if (encoding == CsvTerms.Encoding.UTF_16) {
            return littleEndian ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
        }
        if (littleEndian || bigEndian) {
            throw fail("The file is UTF-16 and not UTF-8", "save it as UTF-8, or import it with --encoding utf-16");
        }
        if (mark && encoding != CsvTerms.Encoding.UTF_8) {
            throw fail("The file says itself that it is UTF-8", "import it without --encoding");
        }
        return encoding.charset();
    }

    /** Whether the file starts with these bytes; -1 stands for any. */
    private boolean starts(int... first) {
        if (bytes.remaining() < first.length) {
            return false;
        }
        for (int i = 0; i < first.length; i++) {
            if (first[i] >= 0 && (bytes.get(bytes.position() + i) & 0xff) != first[i]) {
                return false;
            }
        }
        return true;
    }

    private void decode() throws IOException {
        if (!lastBytes && bytes.remaining() < BUFFER_CHARS) {
            fill();
        }
        chars.clear();
        CoderResult result = decoder.decode(bytes, chars, lastBytes);
        chars.flip();
        look();
        if (fault == null && result.isError()) {
            failDecoding();
        }
    }

    private void fill() throws IOException {
        bytes.compact();
        int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
        lastBytes = n < 0;
        bytes.position(bytes.position() + Math.max(0, n)).flip();
    }

    /** Counts lines, and ends the text before a NUL. */
    private void look() {
        for (int i = chars.position(); i < chars.limit(); i++) {
            char c = chars.get(i);
            if (c == '\0') {
                fail("The file has NUL bytes, which no text has", "it is damaged or no CSV; export it anew");
                chars.limit(i);
                return;
            }
            if (c == '\r' || (c == '\n' && !afterCarriageReturn)) {
                line++;
            }
            afterCarriageReturn = c == '\r';
            nonAsciiSeen |= c > 0x7f && c != BYTE_ORDER_MARK;
        }
    }

    private void failDecoding() {
        if (encoding != CsvTerms.Encoding.UTF_8) {
            fail("The file is not in the encoding that was stated", "leave --encoding out, or save it as UTF-8");
        } else if (nonAsciiSeen && endsInsideCharacter()) {
            fail("The file was cut off: it ends in the middle of a character", "export it anew");
        } else if (nonAsciiSeen) {
            fail("The file is UTF-8 before and something else from here on", "save it anew as UTF-8");
        } else {
            fail(
                    "The file is not UTF-8 and looks like Windows-1252 or Latin-1",
                    "save it as UTF-8, or import it with --encoding windows-1252");
        }
    }

    private boolean endsInsideCharacter() {
        for (int i = bytes.position() + 1; i < bytes.limit(); i++) {
            if ((bytes.get(i) & 0xc0) != 0x80) {
                return false;
            }
        }
        return lastBytes && bytes.remaining() < FIRST_BYTES;
    }

    private Refused fail(String what, String cure) {
        fault = new Refused(Problem.INVALID, what + " (line " + line + "): " + cure + ".");
        return fault;
    }
}

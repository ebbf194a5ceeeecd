package org.patronvault.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Some lines of the file {@code keys/ledger}, without their ends. However long the file is that somebody put there, and
 * whatever is in it, little of it is held at once.
 *
 * <p>Of the first it is not known whether it is whole, nor of the second what came before, but where the file begins.
 *
 * @param from where the first begins
 * @param to where the last ends
 */
record LedgerLines(long from, long to, List<String> lines) {
    /** The longest that is written, without its MAC. */
    static final int MAX_TEXT_BYTES = 960;

    /** With it, 44 characters of Base64, and the blank before it. */
    private static final int MAX_LINE_BYTES = MAX_TEXT_BYTES + 45;

    /** Enough for three lines, whatever is cut off on either side. */
    private static final int READ_BYTES = 4 * (MAX_LINE_BYTES + 1);

    private static final int LEAST = 3;

    /** More than is ever added at once: a ledger that is begun names everybody who was erased by then. */
    private static final long MAX_TORN_BYTES = 1L << 28;

    /**
     * Where the last line before that place ends. What comes after it a crash cut off, and it may be long: what is added at
     * once is, and a file may have its new length before what was written, and zeros in its place.
     *
     * @throws IOException if it is longer than anything that is added
     */
    private static long end(FileChannel channel, long place) throws IOException {
        LedgerLines last = before(channel, place);
        while (last.lines.isEmpty() && last.from > 0) {
            if (place - last.from > MAX_TORN_BYTES) {
                throw new IOException("what comes after the last line of the ledger is longer than any");
            }
            last = before(channel, last.from);
        }
        return last.to;
    }

    /**
     * The last ones.
     *
     * @throws IOException if what comes after them is longer than anything that is added
     */
    static LedgerLines last(FileChannel channel) throws IOException {
        return before(channel, end(channel, channel.size()));
    }

    /**
     * Those before, where none of these is what is looked for; the first two are among them again.
     *
     * @throws IOException if one of these is longer than any, and not because of zeros in it
     */
    LedgerLines previous(FileChannel channel) throws IOException {
        if (lines.size() >= LEAST) {
            return before(channel, from + lines.get(0).length() + lines.get(1).length() + 2L);
        }
        String last = lines.get(lines.size() - 1);
        // What is closed was on disk before that was written: in it no crash leaves zeros.
        boolean isClosed = lines.size() > 1 && LedgerLine.isHead(last) && !isTorn(last);
        if (isClosed || lines.stream().noneMatch(LedgerLines::isTorn)) {
            throw new IOException("a line of the ledger is longer than any");
        }
        return before(channel, end(channel, to - last.length() - 1L));
    }

    /** Whether it has zeros in place of what was being written. */
    static boolean isTorn(String line) {
        return line.indexOf('\0') >= 0;
    }

    private static LedgerLines before(FileChannel channel, long place) throws IOException {
        long from = Math.max(0, place - READ_BYTES);
        ByteBuffer bytes = ByteBuffer.allocate((int) (place - from));
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // Until all of it is there.
        }
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        int whole = text.lastIndexOf('\n') + 1;
        List<String> lines = List.of(text.substring(0, whole).split("\n", -1));
        // The last text is empty.
        return new LedgerLines(from, from + whole, lines.subList(0, lines.size() - 1));
    }

    /** Which of them is the last that closes what was added, of those of which it is known what comes before. */
    OptionalInt head() {
        int known = from == 0 ? 1 : 2;
        return IntStream.iterate(lines.size() - 1, i -> i >= known, i -> i - 1)
                .filter(i -> LedgerLine.isHead(lines.get(i)) && !isTorn(lines.get(i)))
                .findFirst();
    }

    /** Where that one of them ends. */
    long end(int line) {
        return from
                + lines.subList(0, line + 1).stream()
                        .mapToLong(one -> one.length() + 1L)
                        .sum();
    }

    /** As {@link Ledger#unproven}. */
    static Optional<LedgerLine.Head> unproven(Path ledger) {
        try (FileChannel channel = FileChannel.open(ledger)) {
            LedgerLines window = LedgerLines.last(channel);
            OptionalInt last = window.head();
            while (last.isEmpty() && window.from() > 0) {
                window = window.previous(channel);
                last = window.head();
            }
            return last.isEmpty()
                    ? Optional.empty()
                    : parsed(window.lines().get(last.getAsInt())).map(LedgerLine.Head.class::cast);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Parses a line without its MAC. */
    static Optional<LedgerLine> parsed(String line) {
        return LedgerLine.parse(line.substring(0, line.lastIndexOf(' ')));
    }

    /**
     * The next line.
     *
     * @throws IOException if there is none that ends, or it is longer than any
     */
    static String next(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && line.length() <= MAX_LINE_BYTES; next = in.read()) {
            if (next == '\n') {
                return line.toString();
            }
            line.append((char) next);
        }
        throw new IOException("a line of the ledger does not end, or is longer than any");
    }
}

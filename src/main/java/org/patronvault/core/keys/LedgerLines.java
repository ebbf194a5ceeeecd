package org.patronvault.core.keys;

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
 * Some consecutive lines of the file {@code keys/ledger}, without line ends. Little of the file is in memory at once,
 * even if an attacker wrote a huge one.
 *
 * <p>The first line may be incomplete, and the line before the second is unknown, except at the file's start.
 *
 * @param from where the first begins
 * @param to where the last ends
 */
record LedgerLines(long from, long to, List<String> lines) {
    /** The longest written line, in bytes, without its MAC. */
    static final int MAX_TEXT_BYTES = 960;

    /** With the MAC: 44 characters of Base64, and a blank before it. */
    private static final int MAX_LINE_BYTES = MAX_TEXT_BYTES + 45;

    /** Enough for three lines, even if both ends are cut off. */
    private static final int READ_BYTES = 4 * (MAX_LINE_BYTES + 1);

    private static final int LEAST = 3;

    /** More bytes than one batch ever has: a new ledger names everybody who was erased by then. */
    private static final long MAX_TORN_BYTES = 1L << 28;

    /**
     * Returns where the last line before that place ends. A crash cut off the rest, which may be as long as a batch. A
     * file may get its new length before its data, with zeros in place of the data.
     *
     * @throws IOException if the rest is longer than any batch
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
     * Returns the last lines.
     *
     * @throws IOException if the rest after them is longer than any batch
     */
    static LedgerLines last(FileChannel channel) throws IOException {
        return before(channel, end(channel, channel.size()));
    }

    /**
     * Returns the lines before these, if these do not have the one looked for; these lines' first two are among them.
     *
     * @throws IOException if a line is longer than any written one, and not because of zeros in it
     */
    LedgerLines previous(FileChannel channel) throws IOException {
        if (lines.size() >= LEAST) {
            return before(channel, from + lines.get(0).length() + lines.get(1).length() + 2L);
        }
        String last = lines.get(lines.size() - 1);
        // A closed batch was on disk before its last line was written, so a crash leaves no zeros in it.
        boolean isClosed = lines.size() > 1 && LedgerLine.isHead(last) && !isTorn(last);
        if (isClosed || lines.stream().noneMatch(LedgerLines::isTorn)) {
            throw new IOException("a line of the ledger is longer than any");
        }
        return before(channel, end(channel, to - last.length() - 1L));
    }

    /** Whether a line has zeros in place of unwritten data. */
    static boolean isTorn(String line) {
        return line.indexOf('\0') >= 0;
    }

    private static LedgerLines before(FileChannel channel, long place) throws IOException {
        long from = Math.max(0, place - READ_BYTES);
        ByteBuffer bytes = ByteBuffer.allocate((int) (place - from));
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // Reads until the buffer is full.
        }
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        int whole = text.lastIndexOf('\n') + 1;
        List<String> lines = List.of(text.substring(0, whole).split("\n", -1));
        // The last text is empty.
        return new LedgerLines(from, from + whole, lines.subList(0, lines.size() - 1));
    }

    /** Returns the last line that closes a batch, among those whose previous line is known. */
    OptionalInt head() {
        int known = from == 0 ? 1 : 2;
        return IntStream.iterate(lines.size() - 1, i -> i >= known, i -> i - 1)
                .filter(i -> LedgerLine.isHead(lines.get(i)) && !isTorn(lines.get(i)))
                .findFirst();
    }

    /** Returns where that line ends. */
    long end(int line) {
        return from
                + lines.subList(0, line + 1).stream()
                        .mapToLong(one -> one.length() + 1L)
                        .sum();
    }

    /** Returns the last head as {@link Ledger#unproven} does. */
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
     * Returns the next line.
     *
     * @throws IOException if no complete line follows, or it is longer than any written one
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

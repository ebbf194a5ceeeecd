package org.patronvault.core.keys;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.file.SharedLock;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The append-only ledger {@code keys/ledger}: erasures, withdrawn consents, revocations, and the log's size at each. It
 * keeps a restored database from undoing them. Each line has a MAC over itself and the previous MAC. Each batch ends
 * with the log's size. After a crash, a batch without that end does not count. Thread-safe, also across processes that
 * share the file.
 */
public final class Ledger {
    /** The file's name in keys/. */
    static final String NAME = "ledger";

    private static final String FORM = "pv1.ledger";
    private static final String TABLE = "keys/ledger";

    private static final Object ONE_AT_A_TIME = new Object();

    private final Path file;
    private final KeyCustody custody;

    /** The end of the valid part: the next line's place, the MAC it continues from, and the last head. */
    private record End(long at, byte[] mac, Optional<LedgerLine.Head> last) {}

    Ledger(Path file, KeyCustody custody) {
        this.file = file;
        this.custody = custody;
    }

    /**
     * Returns the last head of the ledger in that directory of keys, without checking its MAC. For a reader that has no
     * key and decides nothing by it. Empty if there is none, or it cannot be read.
     */
    public static Optional<LedgerLine.Head> unproven(Path keys) {
        return LedgerLines.unproven(keys.resolve(NAME));
    }

    /** Returns the last head; empty if there is none, or the ledger was never written. */
    public Optional<LedgerLine.Head> head() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return end(channel).last();
        } catch (IOException e) {
            throw refused();
        }
    }

    /**
     * Appends notes and the new head; on disk when this returns.
     *
     * @param from the head returned by {@link #head}; if it changed since, nothing is written
     * @return whether it was written
     * @throws Refused if another process does not release the lock
     */
    public boolean add(Optional<LedgerLine.Head> from, List<LedgerLine.Note> notes, LedgerLine.Head head) {
        List<LedgerLine> lines = new ArrayList<>(notes);
        lines.add(head);
        synchronized (ONE_AT_A_TIME) {
            // A separate lock file: closing any channel of the ledger in this process would release its lock (fcntl,
            // POSIX). The directory is opened first: if no file can be opened, nothing was changed.
            Path directory = file.toAbsolutePath().getParent();
            try (SharedLock lock = SharedLock.of(file.resolveSibling(file.getFileName() + ".lock"));
                    FileChannel names = FileChannel.open(directory);
                    FileChannel channel = SharedLock.open(file)) {
                End end = end(channel);
                if (!lock.isHeld() || !end.last().equals(from)) {
                    return false;
                }
                write(channel, end, lines);
                DurableFile.force(names, directory);
                return true;
            } catch (IOException e) {
                throw new DurableFile.Unwritable(e);
            }
        }
    }

    private void write(FileChannel channel, End end, List<LedgerLine> lines) throws IOException {
        String text = text(end, lines);
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (end.at() == 0) {
            // Written as a whole: a partial first file after a crash could not be told from a damaged ledger.
            DurableFile.write(file, bytes);
            return;
        }
        int closing = text.lastIndexOf('\n', text.length() - 2) + 1;
        channel.truncate(end.at());
        channel.position(end.at());
        put(channel, ByteBuffer.wrap(bytes, 0, closing));
        // Written last, and alone: the lines before it are on disk, so zeros before it never come from a crash.
        put(channel, ByteBuffer.wrap(bytes, closing, bytes.length - closing));
    }

    private String text(End end, List<LedgerLine> lines) {
        StringBuilder text = new StringBuilder(end.at() == 0 ? header() + '\n' : "");
        byte[] mac = end.mac();
        for (LedgerLine line : lines) {
            if (line.text().length() > LedgerLines.MAX_TEXT_BYTES) {
                throw new IllegalArgumentException("a line of the ledger is longer than it may be");
            }
            mac = mac(mac, line.text());
            text.append(line.text())
                    .append(' ')
                    .append(Base64.getEncoder().encodeToString(mac))
                    .append('\n');
        }
        return text.toString();
    }

    private void put(FileChannel channel, ByteBuffer left) throws IOException {
        if (!left.hasRemaining()) {
            return;
        }
        while (left.hasRemaining()) {
            channel.write(left);
        }
        DurableFile.force(channel, file);
    }

    /** Returns the header, which serves as the MAC before the first line. */
    private String header() {
        return FORM + " " + custody.vaultId();
    }

    private byte[] mac(byte[] before, String text) {
        return custody.keys().rows().newest().mac(TABLE, before, 1, text.getBytes(StandardCharsets.US_ASCII));
    }

    private boolean isProven(byte[] before, String text, byte[] mac) {
        byte[] line = text.getBytes(StandardCharsets.US_ASCII);
        return custody.keys().rows().any(rows -> rows.verify(TABLE, before, 1, line, mac));
    }

    /** Finds the end by reading backwards, so that the whole file need not be read. */
    private End end(FileChannel channel) throws IOException {
        LedgerLines window = LedgerLines.last(channel);
        while (true) {
            List<String> lines = window.lines();
            if (window.from() == 0 && !lines.isEmpty()) {
                requireOurs(lines.get(0));
            }
            OptionalInt last = window.head();
            if (last.isPresent()) {
                return end(window, last.getAsInt());
            }
            if (window.from() == 0) {
                return begun(channel, lines);
            }
            window = window.previous(channel);
        }
    }

    private End end(LedgerLines window, int last) {
        List<String> lines = window.lines();
        byte[] before = last == 1 ? header().getBytes(StandardCharsets.US_ASCII) : macOf(lines.get(last - 1));
        LedgerLine.Head head = (LedgerLine.Head) proven(before, lines.get(last));
        return new End(window.end(last), macOf(lines.get(last)), Optional.of(head));
    }

    /** Returns the end of a ledger whose first batch was not written completely: nothing in it counts. */
    private End begun(FileChannel channel, List<String> lines) throws IOException {
        byte[] header = header().getBytes(StandardCharsets.US_ASCII);
        if (!lines.isEmpty()) {
            return new End(header.length + 1L, header, Optional.empty());
        }
        // A part of the first line alone was never a ledger. Anything else was one, or another file.
        ByteBuffer part = ByteBuffer.allocate((int) Math.min(header.length, channel.size()));
        int unused = channel.read(part, 0);
        if (channel.size() > header.length || !Arrays.equals(part.array(), Arrays.copyOf(header, part.position()))) {
            throw refused();
        }
        return new End(0, header, Optional.empty());
    }

    private void requireOurs(String line) {
        if (!line.equals(header())) {
            throw refused();
        }
    }

    private static byte[] macOf(String line) {
        String text = line.substring(line.lastIndexOf(' ') + 1);
        try {
            byte[] mac = Base64.getDecoder().decode(text);
            // Only the canonical spelling: the last Base64 digit has unused bits.
            if (!Base64.getEncoder().encodeToString(mac).equals(text)) {
                throw refused();
            }
            return mac;
        } catch (IllegalArgumentException e) {
            throw refused();
        }
    }

    private LedgerLine proven(byte[] before, String line) {
        int blank = line.lastIndexOf(' ');
        if (blank < 0 || !isProven(before, line.substring(0, blank), macOf(line))) {
            throw refused();
        }
        return LedgerLines.parsed(line).orElseThrow(Ledger::refused);
    }

    /**
     * Passes on every valid line, oldest first, each verified by the MAC that continues from the previous one.
     *
     * @throws Refused with {@code keys-refused} if a line was changed, added or removed
     */
    public void forEach(Consumer<LedgerLine> then) {
        if (!Files.exists(file)) {
            return;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                FileChannel channel = FileChannel.open(file)) {
            long left = end(channel).at();
            byte[] mac = header().getBytes(StandardCharsets.US_ASCII);
            boolean begun = false;
            while (left > 0) {
                String line = LedgerLines.next(in);
                left -= line.length() + 1L;
                if (begun) {
                    then.accept(proven(mac, line));
                    mac = macOf(line);
                } else {
                    requireOurs(line);
                    begun = true;
                }
            }
        } catch (IOException e) {
            throw refused();
        }
    }

    /** Whether every valid line is unchanged; true if there is no ledger. */
    public boolean isWhole() {
        try {
            forEach(line -> {});
            return true;
        } catch (Refused e) {
            if (e.problem() == Problem.KEYS_REFUSED) {
                return false;
            }
            throw e;
        }
    }

    /** Writes every line again under the newest version of the row key: completely, or not at all. */
    public void renew(UnaryOperator<LedgerLine> again) {
        synchronized (ONE_AT_A_TIME) {
            try (SharedLock lock = SharedLock.of(file.resolveSibling(file.getFileName() + ".lock"))) {
                if (!lock.isHeld()) {
                    throw new Refused(Problem.BUSY, "Another process writes keys/ledger just now.", 1);
                }
                List<LedgerLine> lines = new ArrayList<>();
                forEach(line -> lines.add(again.apply(line)));
                End none = new End(0, header().getBytes(StandardCharsets.US_ASCII), Optional.empty());
                if (!lines.isEmpty()) {
                    DurableFile.write(file, text(none, lines).getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException e) {
                throw new DurableFile.Unwritable(e);
            }
        }
    }

    private static Refused refused() {
        return new Refused(
                Problem.KEYS_REFUSED,
                "keys/ledger cannot be read, or was changed, or is another vault's: put the newest keys/ back. Only if that is"
                        + " lost, and the database is the one that was there all along, move the file away: it is made anew"
                        + " of what the database knows.");
    }
}

package org.patronvault.keys;

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
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * {@code keys/ledger}: who was erased, who took a consent back, from whom something was taken away, and how far the log
 * had come by then, so that a database that is put back does not bring any of it back. Lines are only ever added; each has a MAC over itself and the
 * MAC before it. What is added at once ends with how far the log had come; of what a crash cut off before that nothing
 * counts. Safe for use by many threads and by several processes that share the file.
 */
public final class Ledger {
    /** Its name in keys/. */
    static final String NAME = "ledger";

    private static final String FORM = "pv1.ledger";
    private static final String TABLE = "keys/ledger";

    private static final Object ONE_AT_A_TIME = new Object();

    private final Path file;
    private final KeyCustody custody;

    /** The end of what counts: where the next line begins, what its MAC goes on from, and what the last one says. */
    private record End(long at, byte[] mac, Optional<LedgerLine.Head> last) {}

    Ledger(Path file, KeyCustody custody) {
        this.file = file;
        this.custody = custody;
    }

    /**
     * How far the ledger in that directory of keys has come, as its end says without a MAC: for who has no key and decides
     * nothing by it. Empty if there is none, or it cannot be read.
     */
    public static Optional<LedgerLine.Head> unproven(Path keys) {
        return LedgerLines.unproven(keys.resolve(NAME));
    }

    /** How far it has come; empty if there is none, or it was never written. */
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
     * Adds notes, and how far the log had come with them; on disk when this returns.
     *
     * @param from what {@link #head} said; nothing is done if it is not so any more
     * @return whether it was done
     * @throws Refused if another process does not let go of it
     */
    public boolean add(Optional<LedgerLine.Head> from, List<LedgerLine.Note> notes, LedgerLine.Head head) {
        List<LedgerLine> lines = new ArrayList<>(notes);
        lines.add(head);
        synchronized (ONE_AT_A_TIME) {
            // Not on the file itself: whoever in this process closes it would give up the lock (fcntl, POSIX).
            // The directory first: where no file can be opened just now, nothing was done.
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
            // As a whole: of what a crash leaves of a first one nobody could tell that it was not a ledger before.
            DurableFile.write(file, bytes);
            return;
        }
        int closing = text.lastIndexOf('\n', text.length() - 2) + 1;
        channel.truncate(end.at());
        channel.position(end.at());
        put(channel, ByteBuffer.wrap(bytes, 0, closing));
        // Last, and alone: what it closes is on disk, so that zeros before it are never what a crash left there.
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

    /** The header stands for the MAC before the first line. */
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

    /** The end; looked for backwards, since nobody reads all of it for that. */
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

    /** The end of one of which not even the first lines were written whole: it is none. */
    private End begun(FileChannel channel, List<String> lines) throws IOException {
        byte[] header = header().getBytes(StandardCharsets.US_ASCII);
        if (!lines.isEmpty()) {
            return new End(header.length + 1L, header, Optional.empty());
        }
        // Nothing but a part of the first line is one that was never written: all else was a ledger, or something else.
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
            // In one spelling: the last digit has bits that say nothing.
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
     * Passes on every line that counts, oldest first, each proved by the MAC that goes on from the one before.
     *
     * @throws Refused with {@code keys-refused} if one was changed, added or taken away
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

    /** Whether every line that counts is as it was written; true if there is no ledger. */
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

    /** Writes every line again under the newest version of the row key: as a whole, or not at all. */
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

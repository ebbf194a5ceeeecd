package org.patronvault.core.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.LedgerLine.Head;
import org.patronvault.core.keys.LedgerLine.Note;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.ParserFuzz;

/**
 * Fuzz tests of {@code keys/ledger}. Only written lines count, from the start to a place where it was once complete.
 * Anything else is refused.
 */
final class LedgerFuzzTest extends ParserFuzz {
    @TempDir
    private static Path keys;

    private final List<List<LedgerLine>> written = new ArrayList<>();
    private Ledger ledger;

    @Override
    protected String frequent() {
        return "\n\r head0 =+";
    }

    @Override
    protected int made() {
        return 2_000;
    }

    @Override
    protected List<byte[]> right() {
        ledger = OpenedKeys.create(keys, "0123456789abcdef0123456789abcdef", Clock.systemUTC())
                .ledger();
        PatronId patron = new PatronId(3);
        List<Note> each = List.of(
                new LedgerLine.Erased(patron, 4),
                new LedgerLine.Consented("newsletter", true, patron, 6),
                new LedgerLine.Emptied(PatronField.PHONE, patron, 6),
                new LedgerLine.Merged(patron, new PatronId(-5), 7),
                new LedgerLine.ForgottenAt(patron, "c2VhbGVk"),
                new LedgerLine.Revoked(LedgerLine.Revoked.Owner.STAFF, "kim@main", 8));
        // More than is read of it at once.
        List<Note> much = Collections.nCopies(5, new LedgerLine.ForgottenAt(patron, "A".repeat(900)));
        return List.of(written(List.of(each, List.of())), written(List.of(each, much)));
    }

    /** A ledger to which those notes are added, one list after the other. */
    private byte[] written(List<List<Note>> added) {
        try {
            Files.deleteIfExists(file());
            Optional<Head> last = Optional.empty();
            for (List<Note> notes : added) {
                Head next = new Head(last.map(Head::size).orElse(0L) + 9, "cm9vdA==", 3, false);
                assertThat(ledger.add(last, notes, next)).isTrue();
                last = Optional.of(next);
            }
            written.add(lines());
            return Files.readAllBytes(file());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file() {
        return keys.resolve(Ledger.NAME);
    }

    private List<LedgerLine> lines() {
        List<LedgerLine> lines = new ArrayList<>();
        ledger.forEach(lines::add);
        return lines;
    }

    /**
     * Written over what is there: a file that is emptied first is put on disk when it is closed, which takes far
     * longer.
     */
    private static void put(byte[] input) {
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(input);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.truncate(input.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void check(byte[] input) {
        put(input);
        Optional<Head> unused = Ledger.unproven(keys);
        try {
            Optional<Head> head = ledger.head();
            List<LedgerLine> lines = lines();
            assertThat(written)
                    .anyMatch(all -> all.size() >= lines.size()
                            && all.subList(0, lines.size()).equals(lines));
            assertThat(head).isEqualTo(lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(lines.size() - 1)));
        } catch (Refused e) {
            assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED);
        }
    }
}

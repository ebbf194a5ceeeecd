package org.patronvault.core.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.keys.LedgerLine.Consented;
import org.patronvault.core.keys.LedgerLine.Emptied;
import org.patronvault.core.keys.LedgerLine.Erased;
import org.patronvault.core.keys.LedgerLine.ForgottenAt;
import org.patronvault.core.keys.LedgerLine.Head;
import org.patronvault.core.keys.LedgerLine.Merged;
import org.patronvault.core.keys.LedgerLine.Note;
import org.patronvault.core.keys.LedgerLine.Revoked;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests of the append-only ledger, in which each line is bound to the one before. */
final class LedgerTest {
    @TempDir
    private Path keys;

    private KeyCustody custody;
    private Ledger ledger;

    @BeforeEach
    void begin() {
        custody = OpenedKeys.create(keys, "0123456789abcdef0123456789abcdef", Clock.systemUTC());
        ledger = custody.ledger();
    }

    private static Note erased(long patron, long entry) {
        return new Erased(new PatronId(patron), entry);
    }

    private static Note withdrawn(long patron, long entry) {
        return new Consented("service", false, new PatronId(patron), entry);
    }

    private static Head head(long size) {
        return new Head(size, "cm9vdA==", 3, false);
    }

    private Path file() {
        return keys.resolve("ledger");
    }

    private List<LedgerLine> lines() {
        List<LedgerLine> lines = new ArrayList<>();
        ledger.forEach(lines::add);
        return lines;
    }

    /** How many there are; empty if the ledger is refused. */
    private Optional<Integer> linesIfNotRefused() {
        try {
            return Optional.of(lines().size());
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    private void addTwice() {
        assertThat(ledger.add(Optional.empty(), List.of(erased(1, 4), erased(2, 5)), head(6)))
                .isTrue();
        assertThat(ledger.add(Optional.of(head(6)), List.of(withdrawn(3, 8)), head(9)))
                .isTrue();
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
    }

    @Test
    void whatIsAddedIsThereInItsOrderForTheOwnerAlone() throws IOException {
        assertThat(ledger.head()).isEmpty();
        addTwice();
        assertThat(lines()).containsExactly(erased(1, 4), erased(2, 5), head(6), withdrawn(3, 8), head(9));
        assertThat(ledger.head()).contains(head(9));
        assertThat(Files.getPosixFilePermissions(file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void everyKindOfLineIsReadAsItWasWritten() {
        List<Note> notes = List.of(
                erased(1, 4),
                withdrawn(2, 5),
                new Consented("newsletter", true, new PatronId(2), 6),
                new Emptied(PatronField.PHONE, new PatronId(3), 6),
                new Merged(new PatronId(4), new PatronId(-5), 7),
                new ForgottenAt(new PatronId(3), "c2VhbGVk"),
                new Revoked(Revoked.Owner.STAFF, "kim@main", 7),
                new Revoked(Revoked.Owner.CLIENT, "kiosk", 8));
        assertThat(ledger.add(Optional.empty(), notes, head(9))).isTrue();
        assertThat(lines()).startsWith(notes.toArray(LedgerLine[]::new)).endsWith(head(9));
        for (LedgerLine line : lines()) {
            assertThat(LedgerLine.parse(line.text())).contains(line);
            assertThat(LedgerLine.parse(line.text() + " 1")).isEmpty();
            assertThat(LedgerLine.parse("x" + line.text())).isEmpty();
        }
        assertThat(LedgerLine.parse("withdrawn telephone " + new PatronId(2) + " 5"))
                .isEmpty();
        assertThat(LedgerLine.parse("emptied shoe " + new PatronId(2) + " 5")).isEmpty();
        assertThat(LedgerLine.parse("revoked patron kim 5")).isEmpty();
        assertThat(LedgerLine.parse("forgotten " + new PatronId(3) + " films-vendor"))
                .isEmpty();
    }

    @Test
    void nothingIsAddedByWhoHasNotSeenWhatAnotherAdded() {
        addTwice();
        assertThat(ledger.add(Optional.of(head(6)), List.of(erased(7, 7)), head(8)))
                .isFalse();
        assertThat(ledger.head()).contains(head(9));
    }

    @Test
    void whereverACrashCutsNothingOfWhatWasAddedAtOnceCountsAndTheNextTakesItsPlace() throws IOException {
        addTwice();
        byte[] whole = Files.readAllBytes(file());
        assertThat(ledger.add(Optional.of(head(9)), List.of(erased(4, 10), erased(5, 10)), head(11)))
                .isTrue();
        byte[] longer = Files.readAllBytes(file());
        for (int cut = whole.length; cut < longer.length; cut++) {
            Files.write(file(), Arrays.copyOf(longer, cut));
            assertThat(ledger.head()).as("cut at %s", cut).contains(head(9));
            assertThat(lines()).as("cut at %s", cut).hasSize(5);
            if (cut % 40 == 0) {
                assertThat(ledger.add(Optional.of(head(9)), List.of(), head(12)))
                        .isTrue();
                assertThat(lines()).hasSize(6).endsWith(head(12));
            }
        }
    }

    @Test
    void aCrashInTheMidstOfVeryManyLeavesWhatWasBefore() throws IOException {
        addTwice();
        List<Note> many = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            many.add(erased(i, i));
        }
        ledger.add(Optional.of(head(9)), many, head(2_010));
        byte[] longer = Files.readAllBytes(file());
        Files.write(file(), Arrays.copyOf(longer, longer.length - 60));
        assertThat(ledger.head()).contains(head(9));
        assertThat(lines()).hasSize(5);
    }

    @Test
    void aCrashWhileTheFirstIsWrittenLeavesNone() throws IOException {
        ledger.add(Optional.empty(), List.of(erased(1, 1)), head(2));
        byte[] first = Files.readAllBytes(file());
        for (int cut = 0; cut < first.length; cut += 7) {
            Files.write(file(), Arrays.copyOf(first, cut));
            assertThat(ledger.head()).isEmpty();
            assertThat(lines()).isEmpty();
            assertThat(ledger.add(Optional.empty(), List.of(erased(1, 1)), head(2)))
                    .isTrue();
            assertThat(Files.readAllBytes(file())).isEqualTo(first);
        }
    }

    @Test
    void everyByteThatIsChangedIsSeen() throws IOException {
        addTwice();
        byte[] whole = Files.readAllBytes(file());
        int lastAdded = new String(whole, StandardCharsets.US_ASCII).indexOf("withdrawn");
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(file(), changed);
            if (at < lastAdded) {
                assertRefused(this::lines);
            } else {
                // In what was added last it may look like a cut, which costs that and no more.
                assertThat(linesIfNotRefused()).isIn(Optional.empty(), Optional.of(3));
            }
        }
    }

    @Test
    void aLineThatIsTakenAwayPutInOrMovedIsSeen() throws IOException {
        addTwice();
        List<String> lines = Files.readAllLines(file());
        for (int at = 1; at < lines.size() - 1; at++) {
            List<String> without = new ArrayList<>(lines);
            without.remove(at);
            Files.write(file(), without);
            assertRefused(this::lines);
            List<String> twice = new ArrayList<>(lines);
            twice.add(at, lines.get(at));
            Files.write(file(), twice);
            assertRefused(this::lines);
            List<String> swapped = new ArrayList<>(lines);
            Collections.swap(swapped, at, at + 1);
            Files.write(file(), swapped);
            assertRefused(this::lines);
        }
    }

    /** Behind all that was added twice that counts for nothing, and the next is added in its place. */
    private void requireDropped(byte[] whole, String torn) throws IOException {
        Files.write(file(), whole);
        Files.writeString(file(), torn, StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
        assertThat(ledger.head()).contains(head(9));
        assertThat(Ledger.unproven(keys)).contains(head(9));
        assertThat(lines()).hasSize(5);
        assertThat(ledger.add(Optional.of(head(9)), List.of(erased(4, 10)), head(11)))
                .isTrue();
        assertThat(lines()).hasSize(7).endsWith(erased(4, 10), head(11));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_005, 1_006, 2_100, 4_024, 4_025, 5_000, 300_000})
    void whatACrashLeavesThatIsNoLineIsDroppedHoweverLongItIs(int length) throws IOException {
        addTwice();
        byte[] whole = Files.readAllBytes(file());
        // Also after part of a line, with zeros in place of the rest.
        for (String torn : List.of("\0".repeat(length), "erased 0000000000000004 1".concat("\0".repeat(length)))) {
            requireDropped(whole, torn);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 900, 1_005, 4_024, 5_000, 300_000})
    void zerosAmongWhatWasNotClosedAreDroppedWithAllBehindThem(int length) throws IOException {
        addTwice();
        byte[] whole = Files.readAllBytes(file());
        String zeros = "\0".repeat(length);
        String line = "erased 0000000000000004 1 AAAA\n";
        String rest = line.repeat(300);
        for (String torn : List.of(
                zeros + "\n",
                "erased 00000" + zeros + " AAAA\n",
                zeros + "\n" + rest,
                rest + zeros + "\n" + line,
                (zeros + "\n" + line).repeat(3),
                line + "head 12" + zeros + " cm9vdA== 3 AAAA\n")) {
            requireDropped(whole, torn);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50, 900, 4_024, 5_000})
    void zerosInWhatWasClosedAreRefused(int length) throws IOException {
        addTwice();
        int before = (int) Files.size(file());
        List<Note> many = Collections.nCopies(200, erased(4, 10));
        ledger.add(Optional.of(head(9)), many, head(11));
        byte[] longer = Files.readAllBytes(file());
        int closing = new String(longer, StandardCharsets.US_ASCII).lastIndexOf("head");
        for (int from : List.of(before, before + 60, closing - length - 60, closing - length - 1)) {
            byte[] holed = longer.clone();
            Arrays.fill(holed, from, from + length, (byte) 0);
            Files.write(file(), holed);
            assertRefused(this::lines);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 5_000, 300_000})
    void whatDoesNotBeginAsALedgerDoesWasNotANewOne(int length) throws IOException {
        addTwice();
        String first = Files.readAllLines(file()).get(0);
        for (String other : List.of(
                "\0".repeat(length),
                "x".repeat(length),
                "\0".repeat(length) + "\n",
                first.substring(0, 20) + "\0".repeat(length),
                first + "\0".repeat(length),
                first.substring(0, 20) + "\0".repeat(length) + "\n")) {
            Files.writeString(file(), other, StandardCharsets.US_ASCII);
            assertRefused(() -> ledger.head());
            assertThat(ledger.isWhole()).isFalse();
            assertThat(Ledger.unproven(keys)).isEmpty();
        }
    }

    @Test
    void theFirstIsThereAsAWholeOrNotAtAll() throws IOException {
        Files.createFile(file());
        try (FileChannel before = FileChannel.open(file())) {
            assertThat(ledger.add(Optional.empty(), List.of(erased(1, 1)), head(2)))
                    .isTrue();
            assertThat(before.size()).as("what another process has open").isZero();
        }
        assertThat(lines()).containsExactly(erased(1, 1), head(2));
        assertThat(Files.getPosixFilePermissions(file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aLineLongerThanAnyIsRefusedWhereverItIs() throws IOException {
        addTwice();
        String whole = Files.readString(file());
        String line = "x".repeat(5_000) + "\n";
        for (String spoilt : List.of(line + whole, whole + line, whole.replaceFirst("\n", "\n" + line), line)) {
            Files.writeString(file(), spoilt);
            assertThat(ledger.isWhole()).isFalse();
        }
    }

    @Test
    void aFileLongerThanTheMemoryIsRefusedAtOnce() throws IOException {
        addTwice();
        try (RandomAccessFile longer = new RandomAccessFile(file().toFile(), "rw")) {
            longer.setLength(1L << 36);
        }
        assertRefused(() -> ledger.head());
        assertRefused(this::lines);
        assertThat(Ledger.unproven(keys)).isEmpty();
    }

    @Test
    void whatIsTooLongForALineIsNotAdded() {
        assertThatThrownBy(() -> ledger.add(
                        Optional.empty(), List.of(new ForgottenAt(new PatronId(1), "A".repeat(1_000))), head(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ledger.head()).isEmpty();
    }

    @Test
    void theLedgerOfAnotherVaultIsRefused() throws IOException {
        addTwice();
        Path other = Files.createDirectory(keys.resolve("other"));
        KeyCustody another = OpenedKeys.create(other, "ffffffffffffffffffffffffffffffff", Clock.systemUTC());
        Files.copy(file(), other.resolve("ledger"));
        assertRefused(() -> another.ledger().head());
        Files.writeString(other.resolve("ledger"), "", StandardCharsets.US_ASCII, StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(another.ledger().head()).isEmpty();
    }

    @Test
    void aLongLedgerIsGoneOnWithFromItsEndAlone() {
        List<Note> many = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            many.add(erased(i, i));
        }
        ledger.add(Optional.empty(), many, head(2_000));
        ledger.add(Optional.of(head(2_000)), List.of(erased(5_000, 2_000)), head(2_001));
        assertThat(ledger.head()).contains(head(2_001));
        assertThat(lines()).hasSize(2_003);
    }
}

package org.patronvault.core.keys.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.keys.slot.SlotsFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests of a ring that another process, or a person by hand, changed since this one opened it. */
final class SharedRingTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    Path home;

    private KeyCustody custody;
    private KeyCustody other;

    @BeforeEach
    void openTwice() {
        custody = OpenedKeys.create(keys(), "vault-a", CLOCK);
        custody.ensureContentKey(202611);
        custody.ensureContentKey(202612);
        other = OpenedKeys.at(keys(), CLOCK);
    }

    private Path keys() {
        return home.resolve("keys");
    }

    private Path ring() {
        return keys().resolve("ring.json");
    }

    private void assertRefusedAndNothingWritten(ThrowingCallable change) throws IOException {
        byte[] before = Files.readAllBytes(ring());
        assertThatThrownBy(change).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED);
            assertThat(e).hasMessageContaining("seal this vault and unseal it");
        });
        assertThat(ring()).hasBinaryContent(before);
    }

    /** Another process, which holds the lock until its input ends. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] lock) throws IOException {
            try (FileChannel channel = FileChannel.open(Path.of(lock[0]), StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                System.out.println(held.isValid());
                int unused = System.in.read();
            }
        }
    }

    private Process holding(String lock) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        keys().resolve(lock).toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    void ledgerThatAnotherProcessKeepsIsNotWaitedForLongAndWrittenOnceItIsFree() throws Exception {
        LedgerLine.Head first = new LedgerLine.Head(1, "cm9vdA==", 1, false);
        assertThat(custody.ledger().add(Optional.empty(), List.of(), first)).isTrue();
        LedgerLine.Head second = new LedgerLine.Head(2, "cm9vdA==", 1, false);
        Process holder = holding("ledger.lock");
        try (BufferedReader said = holder.inputReader()) {
            assertThat(said.readLine()).isEqualTo("true");
            assertThatThrownBy(() -> custody.ledger().add(Optional.of(first), List.of(), second))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.BUSY));
            holder.outputWriter().close();
            assertThat(holder.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(custody.ledger().add(Optional.of(first), List.of(), second))
                    .isTrue();
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void lockThatAnotherProcessKeepsIsNotWaitedForLongAndTheRingIsChangedOnceItIsFree() throws Exception {
        custody.ensureContentKey(202701);
        Process holder = holding("lock");
        try (BufferedReader said = holder.inputReader()) {
            assertThat(said.readLine()).isEqualTo("true");
            assertThatThrownBy(() -> custody.addVersion("name"))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.BUSY));
            long began = System.nanoTime();
            assertThatThrownBy(() -> custody.addVersion("name")).isInstanceOf(Refused.class);
            assertThat(System.nanoTime() - began)
                    .as("what the next to come waits after that, ns")
                    .isLessThan(TimeUnit.SECONDS.toNanos(2));
            holder.outputWriter().close();
            assertThat(holder.waitFor(20, TimeUnit.SECONDS)).isTrue();
            custody.addVersion("name");
            assertThat(OpenedKeys.at(keys(), CLOCK).keys().inventory())
                    .filteredOn(key -> key.name().equals("name"))
                    .hasSize(2);
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void keyThatAnotherProcessDestroyedStaysDestroyedWhateverThisOneChanges() {
        UnsealedKeys stale = other.keys();
        custody.destroy(KeyName.LOG_CONTENT, 202611);
        other.ensureContentKey(202701);
        assertThat(other.keys().hasContentKey(202611)).isFalse();
        assertThat(stale.ring().keys())
                .allSatisfy(key -> assertThat(key.secret()).containsOnly(0));
        assertThat(OpenedKeys.at(keys(), CLOCK).keys().ring().keys())
                .filteredOn(key -> key.name().equals(KeyName.LOG_CONTENT))
                .extracting(RingKey::version, RingKey::state)
                .contains(tuple(202611, KeyState.DESTROYED), tuple(202701, KeyState.PRIMARY));
    }

    @Test
    void stepIsTakenFromWhereAnotherProcessHasCome() {
        int version = custody.addIndexVersion();
        assertThat(other.addIndexVersion()).isEqualTo(version + 1);
        custody.ensureContentKey(202701);
        long revision = custody.mark().revision();
        other.ensureContentKey(202701);
        assertThat(other.mark().revision()).as("it was there").isEqualTo(revision);
    }

    @Test
    void ringThatWasPutBackIsRefusedAndStaysAsItIs() throws IOException {
        byte[] old = Files.readAllBytes(ring());
        custody.destroy(KeyName.LOG_CONTENT, 202611);
        Files.write(ring(), old);
        assertRefusedAndNothingWritten(() -> custody.ensureContentKey(202701));
    }

    @Test
    void anotherRingOfTheSameRevisionIsRefused() throws IOException {
        byte[] old = Files.readAllBytes(ring());
        custody.addVersion("name");
        Files.write(ring(), old);
        other.addVersion("name");
        assertRefusedAndNothingWritten(() -> custody.addVersion("name"));
    }

    @Test
    void ringUnderAnotherRootIsRefused() throws IOException {
        renew(other);
        assertRefusedAndNothingWritten(() -> custody.addVersion("name"));
    }

    @Test
    void ringThatSaysItIsNewerAndDoesNotOpenIsRefused() throws IOException {
        RingFile now = RingFile.read(ring());
        new RingFile(now.vaultId(), now.revision() + 1, now.root(), now.after(), now.sealed()).write(ring());
        assertRefusedAndNothingWritten(() -> custody.addVersion("name"));
        assertThat(custody.mark().revision()).isEqualTo(now.revision());
    }

    @Test
    void renewalOfTheRootTakesAlongWhatAnotherProcessChanged() {
        custody.destroy(KeyName.LOG_CONTENT, 202611);
        renew(other);
        assertThat(other.keys().hasContentKey(202611)).isFalse();
        assertThat(other.mark().revision()).isEqualTo(custody.mark().revision() + 1);
    }

    private static void renew(KeyCustody custody) {
        try (SlotMaker maker = custody.newRoot()) {
            List<Share> shares = maker.addShares(2, 2);
            shares.forEach(maker::prove);
            custody.rotateRoot(maker);
        }
    }

    /** As a kill between the ring and the tidying leaves them: the slots of both roots are there. */
    @Test
    void slotIsNotRemovedByWhoHasAnOlderRoot(@TempDir Path directory) {
        Path shared = directory.resolve("slots");
        KeyCustody older = OpenedKeys.create(shared, "vault-a", Clock.systemUTC());
        KeyCustody newer = OpenedKeys.at(shared, Clock.systemUTC());
        try (SlotMaker more = older.moreSlots()) {
            more.addShares(2, 2).forEach(more::prove);
            older.addingSlot(more.json().get(0)).run();
        }
        Path file = shared.resolve("slots.json");
        List<Slot> both = new ArrayList<>(SlotsFile.read(file).slots());
        int id = both.get(1).head().id();
        try (SlotMaker made = newer.newRoot()) {
            made.addShares(2, 2).forEach(made::prove);
            newer.rotateRoot(made);
        }
        both.addAll(SlotsFile.read(file).slots());
        new SlotsFile("vault-a", both).write(file);

        assertThatThrownBy(() -> older.removeSlot(id))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
        assertThat(SlotsFile.read(file).of(2)).isNotEmpty();
    }
}

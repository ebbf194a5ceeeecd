package org.patronvault.core.log.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditLogContract;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.Tampering;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;

/** Tests of a node that has seen 270 entries and meets a database with another log. */
class VerifiedTreeTest {
    private static final int SIZE = 270;

    @TempDir
    Path directory;

    private LogTestVault vault;
    private Tampering tampering;

    @BeforeEach
    void makeLog() throws Exception {
        vault = LogTestVault.createIn(directory);
        vault.fill(SIZE - 1);
        vault.log.checkpoint();
        tampering = new Tampering(vault);
    }

    @AfterEach
    void closeLog() throws Exception {
        tampering.close();
        vault.close();
    }

    private void assertResumeRefused() {
        byte[] known = read(vault.logHead());
        byte[] published = read(directory.resolve("published/checkpoint"));
        vault.reopen();
        AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::resume);
        AuditLogContract.assertRefused(Problem.LOG_UNAVAILABLE, vault.log::checkpoint);
        vault.reopen();
        AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::resume);
        assertThat(vault.logHead()).hasBinaryContent(known);
        assertThat(directory.resolve("published/checkpoint")).hasBinaryContent(published);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void theSameLogGrownMeanwhileIsTakenUp() throws IOException {
        vault.fill(300);
        vault.reopen();
        vault.log.resume();
        assertThat(vault.log.checkpoint().size()).isEqualTo(SIZE + 300);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(vault.logHead())))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 255, SIZE - 1})
    void aShrunkenLogIsRefused(int size) throws Exception {
        List<byte[]> leaves = tampering.leaves();
        vault.log.close();
        tampering.rewrite(leaves.subList(0, size));
        assertResumeRefused();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 256, SIZE - 1})
    void anotherLogOfTheSameSizeIsRefused(int index) throws Exception {
        List<byte[]> leaves = tampering.leaves();
        vault.log.close();
        leaves.set(index, leaves.get(index == 7 ? 8 : 7));
        tampering.rewrite(leaves);
        assertResumeRefused();
    }

    @Test
    void anotherLogThatWasReadAheadIsRefusedAndTheRightOneTakenOnceItIsBack() throws Exception {
        List<byte[]> right = tampering.leaves();
        List<byte[]> wrong = tampering.leaves();
        wrong.set(100, wrong.get(7));
        tampering.rewrite(wrong);
        vault.reopen();
        assertThat(vault.log.prepared(() -> true)).isTrue();
        AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::resume);
        tampering.rewrite(right);
        vault.log.resume();
        assertThat(vault.log.checkpoint().size()).isEqualTo(SIZE);
    }

    /** Checks before the head is compared, which a thief of the disk can forge. */
    private void assertAnotherIsSeen(List<byte[]> leaves) throws Exception {
        leaves.set(100, leaves.get(7));
        tampering.rewrite(leaves);
        assertThatThrownBy(vault.log::resume).hasMessageContaining("is not the one this node has seen");
    }

    @Test
    void whatIsChangedAfterItWasReadAheadAndComparedIsRefusedTheNextTime() throws Exception {
        List<byte[]> leaves = tampering.leaves();
        vault.reopen();
        assertThat(vault.log.prepared(() -> true)).isTrue();
        vault.log.resume();
        assertAnotherIsSeen(leaves);
    }

    @Test
    void whatGrowsAfterItWasReadAheadIsTakenUp() throws Exception {
        List<byte[]> leaves = tampering.leaves();
        vault.reopen();
        assertThat(vault.log.prepared(() -> true)).isTrue();
        leaves.addAll(leaves.subList(SIZE - 20, SIZE));
        tampering.rewrite(leaves);
        vault.log.resume();
        assertThat(vault.log.checkpoint().size()).isEqualTo(SIZE + 20);
    }

    @Test
    void whatWasReadAheadIsForgottenIfTheKeysStayClosed() throws Exception {
        List<byte[]> leaves = tampering.leaves();
        vault.reopen();
        assertThat(vault.log.prepared(() -> false)).isFalse();
        assertAnotherIsSeen(leaves);
    }

    @Test
    void theRightLogIsTakenOnceItIsBackWhateverWasAskedOfTheOther() throws Exception {
        List<byte[]> right = tampering.leaves();
        List<byte[]> wrong = tampering.leaves();
        wrong.set(100, wrong.get(7));
        vault.reopen();
        tampering.rewrite(wrong);
        assertThat(vault.log.acceptance().differences()).hasSize(1);
        tampering.rewrite(right);
        assertThat(vault.log.acceptance().differences()).isEmpty();
        vault.log.resume();
        tampering.rewrite(wrong);
        assertThat(vault.log.acceptance().differences()).hasSize(1);
    }

    @Test
    void aHeadOfNoSizeIsRefusedAndNoFailure() throws Exception {
        vault.reopen();
        tampering.run("UPDATE log_head SET size = -1");
        assertThat(vault.log.prepared(() -> true)).isTrue();
        AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::resume);
    }

    @Test
    void anotherLogThatIsLongerIsRefused() throws Exception {
        List<byte[]> leaves = tampering.leaves();
        vault.log.close();
        leaves.set(SIZE - 2, leaves.get(7));
        leaves.addAll(leaves.subList(1, 20));
        tampering.rewrite(leaves);
        assertResumeRefused();
    }

    private AccessEvent acceptance() {
        return vault.log
                .event(LogTestVault.CLERK, ActKind.ACCEPT, Outcome.KEY, AuditLog.newRequest())
                .with(Optional.of(new Approver("carl", Approver.Origin.SAME_TERMINAL)));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, SIZE})
    void anotherLogThatAddsUpIsTakenOnceItWasAcceptedAndTheEntrySaysWhatWasKnown(int size) throws Exception {
        List<byte[]> leaves = new ArrayList<>(tampering.leaves().subList(0, size));
        vault.log.close();
        leaves.set(50, leaves.get(7));
        tampering.rewrite(leaves);
        assertResumeRefused();
        vault.reopen();
        assertThat(vault.log.acceptance().differences()).hasSize(1);
        // As long as another part of the database itself disagrees, the log is inconsistent.
        byte[] kept = tampering.leaves().get(60);
        tampering.setLeaf(60, leaves.get(7));
        AuditLogContract.assertRefused(
                Problem.KEYS_REFUSED, () -> vault.log.acceptance().accept(acceptance()));
        tampering.setLeaf(60, kept);
        tampering.run("DELETE FROM log_checkpoint");
        vault.log.acceptance().accept(acceptance());

        vault.reopen();
        vault.log.resume();
        assertThat(vault.log.acceptance().differences()).isEmpty();
        assertThat(vault.log.checkpoint().size()).isEqualTo(size + 2);
        assertThat(directory.resolve("published/replaced-checkpoint-" + SIZE)).exists();
        List<LogReader.Entry> entries = vault.entries();
        AccessEvent accepted = entries.get(size).event();
        assertThat(accepted.act()).isEqualTo(ActKind.ACCEPT);
        assertThat(accepted.second().orElseThrow().name()).isEqualTo("carl");
        assertThat(accepted.about().orElseThrow()).startsWith(SIZE + " ");
        assertThat(entries.get(size + 1).event().about()).contains("log-accepted");
        assertThat(LogVerifier.verify(vault.store, List.of()).problems()).isEmpty();
    }

    @Test
    void aLeafChangedWithoutTheHeadIsRefused() throws Exception {
        byte[] leaf = tampering.leaves().get(SIZE - 1);
        vault.log.close();
        leaf[leaf.length - 1] ^= 1;
        tampering.setLeaf(SIZE - 1, leaf);
        assertResumeRefused();
    }

    @Test
    void aChangedOrMissingTileIsRefused() throws Exception {
        vault.log.close();
        byte[] tile = vault.store.read(tx -> tx.log().tile(0, 0).orElseThrow());
        tile[0] ^= 1;
        tampering.run("UPDATE log_tile SET hashes = ?", tile);
        assertResumeRefused();
        tampering.run("DELETE FROM log_tile");
        assertResumeRefused();
    }

    @Test
    void aHeadThatDoesNotFitTheNewLeavesIsRefused() throws Exception {
        vault.log.close();
        Frontier other = Frontier.empty();
        for (int i = 0; i <= SIZE; i++) {
            other.append(MerkleHash.leaf(new byte[] {1}));
        }
        tampering.run("INSERT INTO access_log (idx, leaf) VALUES (?, ?)", SIZE, new byte[] {1});
        tampering.run("UPDATE log_head SET size = ?, frontier = ?", SIZE + 1, other.encode());
        assertResumeRefused();
    }

    /** Replaces bytes in one slot, or in both, from an offset on. */
    private void damage(long... at) throws IOException {
        vault.log.close();
        try (RandomAccessFile head = new RandomAccessFile(vault.logHead().toFile(), "rw")) {
            for (long one : at) {
                head.seek(one);
                int was = head.read();
                head.seek(one);
                head.write(was ^ 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 8, 12, 20, 28, 36, 68, 99})
    void aSlotThatIsDamagedCountsForNothingAndTheOtherCounts(long at) throws Exception {
        vault.fill(1);
        damage(at);
        vault.reopen();
        vault.log.resume();
        vault.log.close();
        tampering.rewrite(tampering.leaves().subList(0, SIZE - 1));
        assertResumeRefused();
    }

    @Test
    void anAnchorThatIsDamagedLeavesWhatWasPublishedAndIsMadeAnew() throws Exception {
        damage(36, 4_096 + 36);
        vault.reopen();
        vault.log.resume();
        assertThat(anchored(vault)).isEqualTo(SIZE);
        damage(36, 4_096 + 36);
        tampering.rewrite(tampering.leaves().subList(0, SIZE - 1));
        assertResumeRefused();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "not json"})
    void anAnchorThatIsNoneLeavesWhatWasPublished(String content) throws Exception {
        vault.log.close();
        Files.writeString(vault.logHead(), content);
        tampering.rewrite(tampering.leaves().subList(0, SIZE - 1));
        assertResumeRefused();
    }

    @Test
    void aLogOfWhichNothingIsKnownHereIsRefusedUntilPeopleTakeIt() throws Exception {
        vault.log.close();
        Files.delete(vault.logHead());
        Files.delete(directory.resolve("published/checkpoint"));
        vault.reopen();
        assertThatThrownBy(vault.log::resume).hasMessageContainingAll("copy published/ from another one", "log accept");
        assertThat(vault.logHead()).doesNotExist();
        assertThat(directory.resolve("published/checkpoint")).doesNotExist();
        assertThat(vault.log.acceptance().differences()).hasSize(1);
        vault.log.acceptance().accept(acceptance());
        vault.reopen();
        vault.log.resume();
        assertThat(vault.log.checkpoint().size()).isEqualTo(SIZE + 2);
    }

    @Test
    void aCheckpointThatSomebodyElseSignedCountsForNone() throws Exception {
        vault.log.close();
        Files.delete(vault.logHead());
        Path file = directory.resolve("published/checkpoint");
        Files.writeString(file, Files.readString(file).replace("\n" + SIZE + "\n", "\n" + (SIZE - 1) + "\n"));
        vault.reopen();
        assertThatThrownBy(vault.log::resume).hasMessageContaining("published/checkpoint are missing");
    }

    /** Puts what version 0.1.0 wrote in place of the anchor and of what is published. */
    private Path downgrade() throws Exception {
        Path old = directory.resolve("node/log-head");
        Frontier tree = Frontier.empty();
        tampering.leaves().forEach(leaf -> tree.append(MerkleHash.leaf(leaf)));
        vault.log.close();
        Files.delete(vault.logHead());
        Files.delete(directory.resolve("published/checkpoint"));
        long revision = vault.custody.mark().revision();
        byte[] mac = vault.custody.keys().rows().newest().mac("node/log-head", new byte[0], revision, tree.encode());
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("format", "pv1.log-head").put("size", SIZE).put("ringRevision", revision);
        json.put("frontier", Base64.getEncoder().encodeToString(tree.encode()));
        json.put("mac", Base64.getEncoder().encodeToString(mac));
        Files.writeString(old, json.toString());
        return old;
    }

    @Test
    void whatVersion010WroteIsReadOnceAndReplaced() throws Exception {
        Path old = downgrade();
        List<byte[]> leaves = tampering.leaves();
        tampering.rewrite(leaves.subList(0, SIZE - 1));
        vault.reopen();
        assertThatThrownBy(vault.log::resume).hasMessageContaining("is shorter than what this node has seen");
        tampering.rewrite(leaves);
        vault.log.resume();
        assertThat(old).doesNotExist();
        assertThat(vault.logHead()).exists();
    }

    @Test
    void whatVersion010WroteCountsNoMoreOnceItsKeyIsRetired() throws Exception {
        Path old = downgrade();
        vault.custody.addVersion(KeyName.ROW);
        vault.custody.retire(KeyName.ROW, 1);
        vault.reopen();
        assertThatThrownBy(vault.log::resume).hasMessageContaining("node/log-head was changed");
        assertThat(old).exists();
    }

    @Test
    void aPublishedCheckpointIsReplacedOnlyByOneThatExtendsItAndAnAcceptedLogKeepsItBeside() throws Exception {
        Path published = directory.resolve("published/checkpoint");
        vault.fill(30);
        vault.log.publishedCheckpoint();
        byte[] longer = Files.readAllBytes(published);
        List<byte[]> leaves = tampering.leaves();
        vault.log.close();
        // An older home in which only published/ is current.
        Files.delete(vault.logHead());
        Files.delete(published);
        tampering.rewrite(leaves.subList(0, SIZE));
        vault.reopen();
        vault.log.acceptance().accept(acceptance());
        vault.reopen();
        vault.log.resume();
        Files.write(published, longer);
        AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::publishedCheckpoint);
        assertThat(published).hasBinaryContent(longer);
        assertThat(vault.log.checkpoint().size()).isEqualTo(SIZE + 2);

        vault.reopen();
        assertThatThrownBy(vault.log::resume).hasMessageContaining("is shorter than what this node has seen");
        vault.log.acceptance().accept(acceptance());
        assertThat(directory.resolve("published/replaced-checkpoint-" + (SIZE + 30)))
                .hasBinaryContent(longer);
        vault.reopen();
        vault.log.resume();
        vault.log.publishedCheckpoint();
        assertThat(Files.readString(published)).contains("\n" + (SIZE + 4) + "\n");
    }

    /** Uses the anchor as a killed process leaves it, without what the process signs and publishes at its end. */
    @Test
    void aLogThatLostTheEntryThatWasAcknowledgedLastBeforeAKillIsRefused() throws Exception {
        byte[] published = read(directory.resolve("published/checkpoint"));
        vault.log.record(vault.reveal(1));
        byte[] head = read(vault.logHead());
        List<byte[]> leaves = tampering.leaves();
        vault.log.close();
        Files.write(vault.logHead(), head);
        Files.write(directory.resolve("published/checkpoint"), published);
        tampering.rewrite(leaves.subList(0, leaves.size() - 1));
        assertResumeRefused();
    }

    @Test
    void everyEntryIsInTheAnchorBeforeItsCallerIsAnswered() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Object>> calls = new ArrayList<>();
            for (int n = 0; n < 4; n++) {
                calls.add(() -> {
                    for (int entry = 0; entry < 50; entry++) {
                        long index = vault.log.record(vault.reveal(entry)).index();
                        assertThat(anchored(vault)).isGreaterThan(index);
                    }
                    return calls;
                });
            }
            for (Future<Object> one : callers.invokeAll(calls)) {
                assertThat(one.get()).isSameAs(calls);
            }
        } finally {
            callers.shutdownNow();
        }
        assertThat(anchored(vault)).isEqualTo(vault.log.reader().size());
    }

    private static long anchored(LogTestVault of) {
        return LogAnchor.unproven(of.logHead().getParent()).orElseThrow().size();
    }

    @Test
    void whatIsLoggedWhileItIsSealedIsInTheAnchorWithTheNextOpening() {
        Path home = directory.resolve("sealed");
        KeyCustody keys = OpenedKeys.create(home.resolve("keys"), "vault-s", LogTestVault.CLOCK);
        try (LogTestVault sealed = LogTestVault.create(keys, home, StoreSettings.sqlite(home.resolve("vault.db")))) {
            keys.seal();
            AccessEvent wrongTry =
                    sealed.log.event(Actor.NOBODY, ActKind.UNSEAL, Outcome.FAILED, AuditLog.newRequest());
            sealed.log.record(wrongTry);
            assertThat(anchored(sealed)).isEqualTo(1);
            OpenedKeys.open(keys, home.resolve("keys"));
            sealed.log.resume();
            assertThat(anchored(sealed)).isEqualTo(2);
            sealed.log.record(sealed.reveal(1));
            assertThat(anchored(sealed)).isEqualTo(sealed.log.reader().size());
            assertThat(sealed.broken).isEmpty();
        }
    }

    @Test
    void aLogThatShrinksWhileServingIsNeverSignedAndReported() throws Exception {
        tampering.rewrite(tampering.leaves().subList(0, SIZE - 1));
        assertThatThrownBy(vault.log::checkpoint).isInstanceOf(IntegrityException.class);
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !vault.broken.isEmpty());
        assertThat(vault.log.lastCheckpoint()).isEmpty();
    }

    @Test
    void aLeafPutIntoTheTailBehindTheEnginesBackIsNeverSigned() throws Exception {
        byte[] frontier = vault.store.read(tx -> tx.log().head().orElseThrow().frontier());
        tampering.run("INSERT INTO access_log (idx, leaf) VALUES (?, ?)", SIZE, new byte[] {1});
        tampering.run("UPDATE log_head SET size = ?, frontier = ?", SIZE + 1, frontier);
        assertThatThrownBy(vault.log::checkpoint).isInstanceOf(IntegrityException.class);
        assertThat(vault.log.lastCheckpoint().orElseThrow().size()).isEqualTo(SIZE);
    }

    @Test
    void nothingIsSignedBeforeTheLogWasCompared() {
        vault.fill(1);
        vault.reopen();
        AuditLogContract.assertRefused(Problem.LOG_UNAVAILABLE, vault.log::checkpoint);
        long before = vault.log.lastCheckpoint().orElseThrow().size();
        vault.log.close();
        assertThat(vault.log.lastCheckpoint().orElseThrow().size()).isEqualTo(before);
    }

    @Test
    void theDatabaseOfAnotherVaultIsRefused() throws Exception {
        vault.log.close();
        tampering.run("UPDATE vault_fact SET value = 'vault-b' WHERE name = 'vault'");
        assertResumeRefused();
    }
}

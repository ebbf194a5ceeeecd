package org.patronvault.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MerkleHash;

/** A node that has seen 270 entries meets a database that shows something else. */
class OwnTreeTest {
    private static final int SIZE = 270;

    @TempDir
    Path directory;

    private TestVault vault;
    private Tampering tampering;

    @BeforeEach
    void makeLog() throws Exception {
        vault = TestVault.createIn(directory);
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

    /** Before the head is compared, which a thief of the disk can make fit. */
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
                .event(TestVault.CLERK, Act.ACCEPT, Outcome.KEY, AuditLog.newRequest())
                .with(Optional.of(new Second("carl", Second.From.SAME_TERMINAL)));
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
        // As long as the database itself says otherwise somewhere, it does not add up.
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
        List<LogReader.Entry> entries = vault.entries();
        AccessEvent accepted = entries.get(size).event();
        assertThat(accepted.act()).isEqualTo(Act.ACCEPT);
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

    @ParameterizedTest
    @ValueSource(strings = {"ringRevision", "frontier", "mac"})
    void anEditedMemoryOfThisNodeIsRefused(String member) throws IOException {
        vault.log.close();
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = (ObjectNode) mapper.readTree(vault.logHead().toFile());
        if (member.equals("ringRevision")) {
            json.put(member, json.get(member).asLong() - 1);
        } else {
            byte[] bytes = Base64.getDecoder().decode(json.get(member).asText());
            bytes[bytes.length - 1] ^= 1;
            json.put(member, Base64.getEncoder().encodeToString(bytes));
        }
        Files.write(vault.logHead(), mapper.writeValueAsBytes(json));
        assertResumeRefused();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "not json"})
    void anUnreadableMemoryOfThisNodeIsRefused(String content) throws IOException {
        vault.log.close();
        Files.writeString(vault.logHead(), content);
        assertResumeRefused();
    }

    @Test
    void aLogThatShrinksWhileServingIsNeverSignedAndReported() throws Exception {
        tampering.rewrite(tampering.leaves().subList(0, SIZE - 1));
        assertThatThrownBy(vault.log::checkpoint).isInstanceOf(IntegrityException.class);
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !vault.broken.isEmpty());
        assertThat(vault.log.lastCheckpoint()).isEmpty();
    }

    @Test
    void aLeafPutIntoTheTailBehindTheAppendersBackIsNeverSigned() throws Exception {
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

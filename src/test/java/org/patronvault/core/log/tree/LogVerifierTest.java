package org.patronvault.core.log.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.read.Tampering;
import org.patronvault.core.log.tree.LogVerifier.Finding;
import org.patronvault.core.log.tree.LogVerifier.SavedCheckpoint;
import org.patronvault.core.model.Actor;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.VerifierKey;
import org.patronvault.testing.LongRun;

/** A log of 270 entries with checkpoints of 4, 200 and 270, with one kind of tampering in each test. */
class LogVerifierTest {
    private static final int SIZE = 270;

    @TempDir
    Path directory;

    private LogTestVault vault;
    private Tampering tampering;
    private final List<SavedCheckpoint> saved = new ArrayList<>();

    @BeforeEach
    void makeLog() throws Exception {
        vault = LogTestVault.createIn(directory);
        vault.log.call(vault.registering(1), Lane.DESK);
        vault.log.record(vault.reveal(1));
        vault.fill(1);
        saved.add(new SavedCheckpoint("printed", vault.log.checkpoint().note()));
        vault.fill(196);
        saved.add(new SavedCheckpoint("mailed", vault.log.checkpoint().note()));
        vault.fill(SIZE - 200);
        saved.add(new SavedCheckpoint("newest", vault.log.checkpoint().note()));
        // Nothing may write beside the tampering.
        vault.log.close();
        tampering = new Tampering(vault);
        assertThat(problems(saved)).isEmpty();
    }

    @AfterEach
    void closeLog() throws Exception {
        tampering.close();
        vault.close();
    }

    private List<Finding> problems(List<SavedCheckpoint> outside) {
        return LogVerifier.verify(vault.store, outside).problems();
    }

    private List<Finding> problems() {
        return problems(List.of());
    }

    @Test
    void everyFlippedByteOfALeafIsFound() throws SQLException {
        List<byte[]> leaves = tampering.leaves();
        for (int index : new int[] {0, 1, 2, 255, 256, SIZE - 1}) {
            byte[] leaf = leaves.get(index);
            // The entries of one kind differ little: every byte of the first three, a sample of the others.
            for (int at = 0; at < leaf.length; at += (index < 3 ? 1 : 17) * LongRun.times(5, 1)) {
                byte[] flipped = leaf.clone();
                flipped[at] ^= (byte) (1 << (at % 8));
                tampering.setLeaf(index, flipped);
                assertThat(problems()).as("byte %d of entry %d", at, index).isNotEmpty();
            }
            tampering.setLeaf(index, leaf);
        }
        assertThat(problems()).isEmpty();
    }

    @Test
    void aChangedLeafUnderAFullTileIsNamedByItsIndex() throws SQLException {
        byte[] leaf = tampering.leaves().get(17);
        leaf[leaf.length - 1] ^= 1;
        tampering.setLeaf(17, leaf);
        assertThat(problems()).contains(new Finding(17, "leaf-changed"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 128, 256, SIZE - 1})
    void aDeletedLeafIsFoundWhereItWas(int index) throws SQLException {
        tampering.run("DELETE FROM access_log WHERE idx = ?", index);
        assertThat(problems()).extracting(Finding::entry).contains((long) index);
    }

    @Test
    void aLeafTakenOutWithTheOthersMovedUpIsFound() throws SQLException {
        tampering.run("DELETE FROM access_log WHERE idx = 100");
        for (int i = 101; i < SIZE; i++) {
            tampering.run("UPDATE access_log SET idx = ? WHERE idx = ?", i - 1, i);
        }
        assertThat(problems()).contains(new Finding(100, "leaf-changed"));
    }

    @Test
    void aDuplicatedLeafIsFoundAtTheEndAndInPlaceOfAnother() throws SQLException {
        List<byte[]> leaves = tampering.leaves();
        tampering.run("INSERT INTO access_log (idx, leaf) VALUES (?, ?)", SIZE, leaves.get(SIZE - 1));
        assertThat(problems()).contains(new Finding(SIZE, "head-differs"));
        tampering.run("DELETE FROM access_log WHERE idx = ?", SIZE);
        tampering.setLeaf(41, leaves.get(40));
        assertThat(problems()).contains(new Finding(41, "leaf-changed"));
    }

    @Test
    void aLeafPutBeforeTheFirstIsFound() throws SQLException {
        tampering.run(
                "INSERT INTO access_log (idx, leaf) VALUES (-1, ?)",
                tampering.leaves().get(3));
        assertThat(problems()).containsExactly(new Finding(0, "leaf-misplaced"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, SIZE - 2})
    void twoSwappedLeavesAreFound(int index) throws SQLException {
        List<byte[]> leaves = tampering.leaves();
        tampering.setLeaf(index, leaves.get(index + 1));
        tampering.setLeaf(index + 1, leaves.get(index));
        assertThat(problems()).isNotEmpty();
    }

    @Test
    void aCutTailIsFoundByWhatStillSpeaksOfIt() throws SQLException {
        tampering.run("DELETE FROM access_log WHERE idx >= 250");
        assertThat(problems()).contains(new Finding(250, "log-cut"), new Finding(250, "head-differs"));
        tampering.run("DELETE FROM log_checkpoint WHERE size > 250");
        assertThat(problems()).containsExactly(new Finding(250, "head-differs"));
    }

    @Test
    void aTailCutFromEveryTableIsFoundByACheckpointFromOutside() throws SQLException {
        tampering.rewrite(tampering.leaves().subList(0, 250));
        assertThat(problems()).isEmpty();
        assertThat(problems(saved)).containsExactly(new Finding(250, "log-cut"));
    }

    @Test
    void anEditedHeadIsFound() throws SQLException {
        tampering.run("UPDATE log_head SET size = ?", SIZE - 1);
        assertThat(problems()).containsExactly(new Finding(SIZE - 1, "head-differs"));
        byte[] frontier = frontier(tampering.leaves()).encode();
        frontier[frontier.length - 1] ^= 1;
        tampering.run("UPDATE log_head SET size = ?, frontier = ?", SIZE, frontier);
        assertThat(problems()).containsExactly(new Finding(SIZE - 1, "leaf-changed"));
        tampering.run("DELETE FROM log_head");
        assertThat(problems()).containsExactly(new Finding(0, "head-missing"));
    }

    @Test
    void anEditedOrRemovedTileIsFound() throws SQLException {
        byte[] tile = vault.store.read(tx -> tx.log().tile(0, 0).orElseThrow());
        tile[33 * MerkleHash.SIZE_BYTES] ^= 1;
        tampering.run("UPDATE log_tile SET hashes = ?", tile);
        assertThat(problems()).containsExactly(new Finding(33, "leaf-changed"));
        tampering.run("DELETE FROM log_tile");
        assertThat(problems()).containsExactly(new Finding(0, "tile-missing"));
    }

    @Test
    void anEditedCheckpointIsFoundWhateverCharacterIsChanged() throws SQLException {
        String note = vault.store.read(tx -> tx.log().checkpoints().get(1).note());
        for (int at = 0; at < note.length(); at += LongRun.times(7, 1)) {
            byte[] edited = note.getBytes(StandardCharsets.UTF_8);
            edited[at] ^= 1;
            tampering.run(
                    "UPDATE log_checkpoint SET note = ? WHERE size = 200", new String(edited, StandardCharsets.UTF_8));
            assertThat(problems()).as("character %d", at).isNotEmpty();
        }
    }

    @Test
    void aCheckpointUnderAnotherSizeIsFound() throws SQLException {
        tampering.run("UPDATE log_checkpoint SET size = 201 WHERE size = 200");
        assertThat(problems()).containsExactly(new Finding(201, "checkpoint-moved"));
    }

    @Test
    void theLogOfAnotherVaultIsFound() throws SQLException {
        tampering.run("UPDATE vault_fact SET value = 'vault-b' WHERE name = 'vault'");
        assertThat(problems()).isNotEmpty();
    }

    @Test
    void aLogWithoutEntriesIsFound() throws SQLException {
        tampering.run("DELETE FROM access_log");
        assertThat(problems()).contains(new Finding(0, "log-empty"));
    }

    /** Signs a rewritten log as a holder of the log's own key. */
    private String signed(List<byte[]> leaves) {
        Frontier tree = Frontier.empty();
        leaves.forEach(leaf -> tree.append(MerkleHash.leaf(leaf)));
        UnsealedKeys keys = vault.custody.keys();
        String origin = CheckpointSigner.origin(keys.vaultId());
        String text = new Checkpoint(origin, tree.size(), tree.root(), List.of()).toNoteText();
        VerifierKey key =
                CheckpointSigner.verifierKey(keys.vaultId(), keys.logSigning().publicKey());
        return SignedNote.sign(text, key, keys.logSigning()::sign).toText();
    }

    @Test
    void aFullRewriteWithTheLogsOwnKeyIsCaughtByAnyCheckpointFromOutside(@TempDir Path elsewhere) throws Exception {
        List<byte[]> rewritten = tampering.leaves();
        rewritten.remove(2);
        rewritten.add(rewritten.get(5));
        tampering.run("DELETE FROM log_checkpoint");
        tampering.rewrite(rewritten);
        vault.log.close();
        Files.delete(vault.logHead());
        Files.writeString(directory.resolve("published/checkpoint"), signed(rewritten));
        vault.reopen();
        vault.log.resume();
        SignedCheckpoint forged = vault.log.checkpoint();
        vault.log.close();

        assertThat(problems()).isEmpty();
        assertThat(problems(List.of(new SavedCheckpoint("forged", forged.note()))))
                .isEmpty();
        for (SavedCheckpoint one : saved) {
            assertThat(problems(List.of(one)))
                    .as(one.name())
                    .extracting(Finding::what)
                    .containsExactly(one.name() + "-differs");
        }
    }

    @Test
    void aSavedCheckpointThatIsNoneOrOfAnotherKeyIsNamed() {
        String note = saved.get(0).note();
        assertThat(problems(List.of(new SavedCheckpoint("letter", "Dear librarian"))))
                .containsExactly(new Finding(0, "letter-malformed"));
        String unsigned = note.substring(0, note.lastIndexOf(' ') + 1)
                + java.util.Base64.getEncoder().encodeToString(new byte[68]) + "\n";
        assertThat(problems(List.of(new SavedCheckpoint("letter", unsigned))))
                .containsExactly(new Finding(0, "letter-signature"));
    }

    @Test
    void anEditedTileOfTheSecondLevelIsFound() throws SQLException {
        int size = 65_536;
        List<byte[]> leaves = new ArrayList<>(tampering.leaves());
        byte[] plain = Leaf.encode(AccessEvent.of(
                LogTestVault.CLOCK.instant(), Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, new byte[16]));
        leaves.addAll(Collections.nCopies(size - SIZE, plain));
        tampering.rewrite(leaves);
        assertThat(problems(saved)).isEmpty();
        byte[] tile = vault.store.read(tx -> tx.log().tile(1, 0).orElseThrow());
        tile[3 * MerkleHash.SIZE_BYTES] ^= 1;
        tampering.run("UPDATE log_tile SET hashes = ? WHERE level = 1", tile);
        assertThat(problems()).containsExactly(new Finding(3 * 256, "tile-changed"));
    }

    private static Frontier frontier(List<byte[]> leaves) {
        Frontier frontier = Frontier.empty();
        leaves.forEach(leaf -> frontier.append(MerkleHash.leaf(leaf)));
        return frontier;
    }

    @Test
    void theReportNamesSizeAndRoot() {
        LogReport report = LogVerifier.verify(vault.store, saved);
        assertThat(report.ok()).isTrue();
        assertThat(report.entries()).isEqualTo(SIZE);
        assertThat(report.root()).isEqualTo(frontier(tampering.leaves()).root());
        LogHead head = vault.store.read(tx -> tx.log().head().orElseThrow());
        assertThat(head.frontier()).isEqualTo(frontier(tampering.leaves()).encode());
    }
}

package org.patronvault.core.log.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.tree.CheckpointSigner;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.LogVerifier.Finding;
import org.patronvault.core.log.tree.LogVerifier.SavedCheckpoint;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.VerifierKey;

/** A log that was handed over twice, at 12 and at 22 entries, with one kind of tampering in each test. */
class LogKeysTest {
    private static final SigningKey THIEF = SigningKey.ofSeed(new byte[32]);

    @TempDir
    Path directory;

    private KeyCustody custody;
    private LogTestVault vault;
    private Tampering tampering;
    private final List<SigningKey> keys = new ArrayList<>();
    private final List<SavedCheckpoint> saved = new ArrayList<>();

    @BeforeEach
    void makeLogOfThreeKeys() throws Exception {
        custody = OpenedKeys.create(directory.resolve("keys"), "vault-a", LogTestVault.CLOCK);
        vault = LogTestVault.create(custody, directory, StoreSettings.sqlite(directory.resolve("vault.db")));
        keys.add(custody.keys().logSigning());
        vault.fill(10);
        save("first");
        handOver(1);
        handOver(2);
        custody.destroy("log", 1);
        vault.log.close();
        tampering = new Tampering(vault);
        // The vault's own turn may have come in between.
        tampering.run("DELETE FROM log_checkpoint WHERE size NOT IN (11, 12, 21, 22, 31)");
        assertThat(problems(saved)).isEmpty();
    }

    private void save(String name) {
        saved.add(new SavedCheckpoint(name, vault.log.checkpoint().note()));
    }

    private void handOver(int version) {
        custody.addVersion("log");
        keys.add(custody.keys().logSigning());
        vault.fill(1);
        save("dual-" + version);
        custody.retire("log", version);
        vault.fill(9);
        save("alone-" + version);
    }

    @AfterEach
    void close() throws Exception {
        tampering.close();
        vault.close();
    }

    private List<Finding> problems(List<SavedCheckpoint> outside) {
        return LogVerifier.verify(vault.store, outside).problems();
    }

    private LogReport verify(String known) {
        return LogVerifier.verify(vault.store, new LogVerifier.TrustAnchors(saved, List.of(), Optional.of(known)));
    }

    private List<Finding> problems() {
        return problems(List.of());
    }

    private List<String> published(String name) throws Exception {
        return Files.readAllLines(directory.resolve("published").resolve(name));
    }

    private VerifierKey verifier(SigningKey key) {
        return CheckpointSigner.verifierKey("vault-a", key.publicKey());
    }

    private NoteSignature signature(String text, SigningKey key) {
        return NoteSignature.sign(text, verifier(key), key::sign);
    }

    private String signed(String text, SigningKey... by) {
        SignedNote note = SignedNote.sign(text, verifier(by[0]), by[0]::sign);
        for (int i = 1; i < by.length; i++) {
            note = note.with(signature(text, by[i]));
        }
        return note.toText();
    }

    private CheckpointRow row(long size) {
        return new CheckpointRow(
                size, vault.store.read(tx -> tx.log().checkpoint(size)).orElseThrow());
    }

    private static String text(CheckpointRow row) throws Exception {
        return SignedNote.parse(row.note()).text();
    }

    private void put(long size, String note) throws SQLException {
        assertThat(tampering.run("UPDATE log_checkpoint SET note = ? WHERE size = ?", note, size))
                .isEqualTo(1);
    }

    private static String withoutLine(String note, int fromTheEnd) {
        List<String> lines = new ArrayList<>(note.lines().toList());
        lines.remove(lines.size() - fromTheEnd);
        return String.join("\n", lines) + "\n";
    }

    @Test
    void everyKeepsakeIsGoodAndEachPublishedKeyIsOneOfTheLogs() throws Exception {
        List<String> lines = published("log.vkey");
        assertThat(lines)
                .containsExactlyElementsOf(
                        keys.stream().map(key -> verifier(key).toString()).toList());
        for (String known : List.of(lines.get(0), lines.get(2), String.join("\n", lines))) {
            assertThat(verify(known).problems()).isEmpty();
        }
        String stranger = lines.get(0) + "\n" + verifier(THIEF);
        assertThat(verify(stranger).problems()).containsExactly(new Finding(0, "signing-key-differs"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none", "\u00ff"})
    void damagedListOfPublishedKeysIsMadeAnewFromTheLog(String damage) throws Exception {
        Path file = directory.resolve("published/log.vkey");
        List<String> lines = Files.readAllLines(file);
        Files.write(file, damage.getBytes(StandardCharsets.ISO_8859_1));
        vault.reopen();
        vault.log.resume();
        SignedCheckpoint unused = vault.log.publishedCheckpoint();
        assertThat(file).hasContent(String.join("\n", lines));
    }

    @Test
    void listOfPublishedKeysThatCannotBeReadIsLeftAlone() throws Exception {
        Path file = directory.resolve("published/log.vkey");
        Files.delete(file);
        Files.createDirectory(file);
        vault.reopen();
        vault.log.resume();
        assertThatThrownBy(vault.log::publishedCheckpoint).isInstanceOf(DurableFile.Unreadable.class);
        assertThat(file).isDirectory();
    }

    @Test
    void publishedNotesLeadFromTheFirstKeyToTheLastWithoutTheLog() throws Exception {
        VerifierKey known = verifier(keys.get(0));
        for (int version = 2; version <= 3; version++) {
            String published = Files.readString(directory.resolve("published/handover-" + version));
            SignedNote note = SignedNote.parse(published);
            Checkpoint checkpoint =
                    Checkpoint.open(note.verify(List.of(known)), "patron-vault/vault-a", List.of(known));
            VerifierKey next = VerifierKey.parse(checkpoint.extensions().get(0).substring("hand-over ".length()));
            assertThat(note.verify(List.of(known, next)).isSignedBy(next)).isTrue();
            assertThat(row(checkpoint.size()).note()).isEqualTo(published);
            known = next;
        }
        assertThat(known).isEqualTo(verifier(keys.get(2)));
        SignedNote newest = SignedNote.parse(Files.readString(directory.resolve("published/checkpoint")));
        assertThat(newest.signatures()).hasSize(1);
        assertThat(newest.verify(List.of(known)).isSignedBy(known)).isTrue();
    }

    @Test
    void keyThatNothingHandsOverToIsFoundWhereItFirstSigns() throws SQLException {
        tampering.run("DELETE FROM log_checkpoint WHERE note LIKE '%hand-over%' AND size < 20");
        assertThat(problems())
                .contains(new Finding(21, "handover-missing"))
                .allSatisfy(found -> assertThat(found.entry()).isGreaterThanOrEqualTo(21));
    }

    @Test
    void handOverWithoutEitherSignatureIsFound() throws SQLException {
        String note = row(12).note();
        for (int line = 1; line <= 2; line++) {
            put(12, withoutLine(note, line));
            assertThat(problems()).contains(new Finding(12, "handover-signature"), new Finding(21, "handover-missing"));
        }
        put(12, note);
        assertThat(problems()).isEmpty();
    }

    @Test
    void handOverSignedByAnotherInPlaceOfEitherIsFound() throws Exception {
        String text = text(row(12));
        put(12, signed(text, keys.get(0), THIEF));
        assertThat(problems()).contains(new Finding(12, "handover-signature"));
        put(12, signed(text, THIEF, keys.get(1)));
        assertThat(problems()).contains(new Finding(12, "handover-signature"));
        String foreign = SignedNote.parse(row(22).note()).signatures().get(0).toLine();
        put(12, withoutLine(signed(text, keys.get(0), keys.get(1)), 1) + foreign + "\n");
        assertThat(problems()).contains(new Finding(12, "handover-signature"));
    }

    @Test
    void thiefOfTheOldKeyCannotSignOnceItIsHandedOver() throws Exception {
        put(21, signed(text(row(21)), keys.get(0)));
        assertThat(problems()).containsExactly(new Finding(21, "checkpoint-signature"));
        put(21, signed(text(row(21)), keys.get(1)));
        SavedCheckpoint forged = new SavedCheckpoint("forged", signed(text(row(31)), keys.get(0)));
        assertThat(problems(List.of(forged))).containsExactly(new Finding(0, "forged-signature"));
    }

    @Test
    void reportSaysFromWhichSizeEachKeyCountsAndTheOneBeforeCountsNoMore() throws Exception {
        assertThat(LogVerifier.verify(vault.store, List.of()).signers())
                .containsExactly(
                        entry(verifier(keys.get(0)).toString(), 0L),
                        entry(verifier(keys.get(1)).toString(), 12L),
                        entry(verifier(keys.get(2)).toString(), 22L));
        assertThat(problems(List.of(new SavedCheckpoint("old", signed(text(row(21)), keys.get(1))))))
                .isEmpty();
        assertThat(problems(List.of(new SavedCheckpoint("old", signed(text(row(22)), keys.get(1))))))
                .containsExactly(new Finding(0, "old-signature"));
    }

    @Test
    void handOverByAThiefOfTheOldKeyIsFoundByTheNewKeyThatWasGivenByHand() throws Exception {
        String stolen = text(row(22))
                .replace(verifier(keys.get(2)).toString(), verifier(THIEF).toString());
        put(22, signed(stolen, keys.get(1), THIEF));
        put(31, signed(text(row(31)), THIEF));
        assertThat(problems()).as("the log alone does not show it").isEmpty();
        String given = verifier(keys.get(2)).toString();
        assertThat(LogVerifier.verify(
                                vault.store, new LogVerifier.TrustAnchors(List.of(), List.of(), Optional.of(given)))
                        .problems())
                .containsExactly(new Finding(0, "signing-key-differs"));
    }

    @Test
    void formerKeyDoesNotComeBackEvenIfTheLatestHandsOverToIt() throws Exception {
        String text = text(row(31)) + LogKeys.handingOverTo(verifier(keys.get(0))) + "\n";
        put(31, signed(text, keys.get(0)));
        assertThat(problems()).containsExactly(new Finding(31, "checkpoint-signature"));
        put(31, signed(text, keys.get(2), keys.get(0)));
        SavedCheckpoint forged = new SavedCheckpoint("forged", signed(text(row(31)), keys.get(0)));
        assertThat(problems(List.of(forged))).containsExactly(new Finding(0, "forged-signature"));
    }

    @Test
    void thiefOfTheNewKeyCannotSignWhatWasBefore() throws Exception {
        SavedCheckpoint forged = new SavedCheckpoint("forged", signed(text(row(11)), keys.get(2)));
        assertThat(problems(List.of(forged))).containsExactly(new Finding(0, "forged-signature"));
        put(11, signed(text(row(11)), keys.get(1)));
        assertThat(problems()).containsExactly(new Finding(11, "handover-missing"));
    }

    @Test
    void signatureBesideAnOrdinaryCheckpointHandsNothingOver() throws Exception {
        String text = text(row(31));
        put(31, signed(text, keys.get(2), THIEF));
        SavedCheckpoint forged = new SavedCheckpoint("forged", signed(text, THIEF));
        assertThat(problems(List.of(forged))).containsExactly(new Finding(0, "forged-signature"));
        // Nor does a line that the log's key never signed.
        String line = text + LogKeys.handingOverTo(verifier(THIEF)) + "\n";
        SignedNote made = SignedNote.sign(line, verifier(THIEF), THIEF::sign);
        put(31, made.with(SignedNote.parse(row(31).note()).signatures().get(0)).toText());
        assertThat(problems()).containsExactly(new Finding(31, "handover-signature"));
    }

    @Test
    void handOverToWhatIsNoKeyOfTheLogIsFound() throws Exception {
        String ordinary = text(row(31));
        VerifierKey elsewhere = CheckpointSigner.verifierKey("vault-b", THIEF.publicKey());
        for (String key : List.of("nobody", elsewhere.toString())) {
            put(31, signed(ordinary + LogKeys.HAND_OVER + key + "\n", keys.get(2)));
            assertThat(problems()).containsExactly(new Finding(31, "handover-malformed"));
        }
    }

    @Test
    void handOversInAnotherOrderAreFound() throws Exception {
        String first = row(12).note();
        put(12, row(22).note());
        put(22, first);
        assertThat(problems()).contains(new Finding(12, "handover-signature"));
    }
}

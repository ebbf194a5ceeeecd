package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SignedNoteTest {
    private static final String ORIGIN = "vault.example.org/log";
    private static final long TIME = 1_700_000_000;

    private final TestSigner log = new TestSigner(ORIGIN, SignatureType.ED25519);
    private final TestSigner witness = new TestSigner("witness.example.net/w1", SignatureType.COSIGNATURE_V1);
    private final Checkpoint checkpoint = new Checkpoint(ORIGIN, 8, new byte[32]);

    @Test
    void signedAndCosignedCheckpointIsReadBackVerifiedWithItsTime() throws MalformedException, UnverifiedException {
        SignedNote signed = SignedNote.sign(checkpoint.toNoteText(), log.key(), log);
        SignedNote note = signed.with(NoteSignature.cosign(checkpoint, witness.key(), TIME, witness));
        VerifiedNote verified = SignedNote.parse(note.toText().getBytes(StandardCharsets.UTF_8))
                .verify(List.of(log.key(), witness.key()));
        assertThat(verified.signatures())
                .containsExactly(
                        new VerifiedSignature(log.key(), OptionalLong.empty()),
                        new VerifiedSignature(witness.key(), OptionalLong.of(TIME)));
        assertThat(verified.isSignedBy(witness.key())).isTrue();
        assertThat(Checkpoint.open(verified, ORIGIN, List.of(log.key()))).isEqualTo(checkpoint);
    }

    @Test
    void checkpointSignedByOldAndNewKeyOpensUnderEither() throws MalformedException, UnverifiedException {
        TestSigner next = new TestSigner(ORIGIN, SignatureType.ED25519);
        String text = checkpoint.toNoteText();
        SignedNote note = SignedNote.sign(text, log.key(), log).with(NoteSignature.sign(text, next.key(), next));
        for (TestSigner one : List.of(log, next)) {
            List<VerifierKey> keys = List.of(one.key());
            assertThat(Checkpoint.open(note.verify(keys), ORIGIN, keys)).isEqualTo(checkpoint);
        }
    }

    @Test
    void proofMadeFromATreeVerifiesForItsLeafOnly() throws MalformedException, UnverifiedException {
        List<byte[]> leaves = RfcTree.leaves(70);
        StoredTree tree = StoredTree.of(leaves);
        Checkpoint head = new Checkpoint(ORIGIN, 70, Proofs.root(70, tree));
        SignedNote note = SignedNote.sign(head.toNoteText(), log.key(), log);
        TlogProof proof = new TlogProof(new byte[0], 41, Proofs.inclusion(41, 70, tree), note);
        TlogProof read = TlogProof.parse(proof.toText());
        assertThat(read).isEqualTo(proof);
        List<VerifierKey> keys = List.of(log.key());
        assertThat(read.verify(MerkleHash.leaf(leaves.get(41)), ORIGIN, keys, List.of()))
                .isEqualTo(head);
        assertThatExceptionOfType(UnverifiedException.class)
                .isThrownBy(() -> read.verify(MerkleHash.leaf(leaves.get(42)), ORIGIN, keys, List.of()));
    }

    @Test
    void signerThatHoldsAnotherKeyIsFoundBeforeAnythingLeaves() {
        TestSigner other = new TestSigner(ORIGIN, SignatureType.ED25519);
        assertThatIllegalStateException().isThrownBy(() -> SignedNote.sign("text\n", log.key(), other));
        assertThatIllegalStateException()
                .isThrownBy(() -> NoteSignature.cosign(checkpoint, witness.key(), TIME, other));
        assertThatIllegalStateException().isThrownBy(() -> SignedNote.sign("text\n", log.key(), any -> new byte[3]));
        assertThatIllegalStateException()
                .isThrownBy(() -> NoteSignature.cosign(checkpoint, witness.key(), TIME, any -> new byte[3]));
    }

    @Test
    void keyOfTheOtherTypeIsRefusedForSigning() {
        assertThatIllegalArgumentException().isThrownBy(() -> SignedNote.sign("text\n", witness.key(), witness));
        assertThatIllegalArgumentException().isThrownBy(() -> NoteSignature.cosign(checkpoint, log.key(), TIME, log));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NoteSignature.cosign(checkpoint, witness.key(), -1, witness));
    }

    @Test
    void textThatNobodyCouldReadBackIsNotSigned() {
        for (String text : List.of("", "no newline", "a\r\n", "a\tb\n", "half \ud800\n", "fine\n\n\u2014 forged")) {
            assertThatIllegalArgumentException()
                    .as("text of %d characters", text.length())
                    .isThrownBy(() -> SignedNote.sign(text, log.key(), log));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SignedNote.sign("a".repeat(SignedNote.MAX_BYTES) + "\n", log.key(), log));
    }

    @Test
    void textThatLooksLikeASignedNoteIsStillOnlyText() throws MalformedException, UnverifiedException {
        String inner = SignedNote.sign("inner\n", log.key(), log).toText();
        SignedNote outer = SignedNote.sign(inner, log.key(), log);
        assertThat(SignedNote.parse(outer.toText()).verify(List.of(log.key())).text())
                .isEqualTo(inner);
    }

    @Test
    void sixtyFifthSignatureIsRefused() {
        SignedNote note = SignedNote.sign("text\n", log.key(), log);
        NoteSignature signature = note.signatures().get(0);
        for (int count = 1; count < SignedNote.MAX_SIGNATURES; count++) {
            note = note.with(signature);
        }
        SignedNote full = note;
        assertThatIllegalArgumentException().isThrownBy(() -> full.with(signature));
    }

    @Test
    void noteLongerThanTheCapIsMalformed() {
        byte[] note = new byte[SignedNote.MAX_BYTES + 1];
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> SignedNote.parse(note));
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> SignedNote.parse("a".repeat(SignedNote.MAX_BYTES + 1)));
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> SignedNote.parse("\u00e4".repeat(SignedNote.MAX_BYTES - 1)));
    }

    @Test
    void noKnownKeysVerifyNothing() {
        SignedNote note = SignedNote.sign("text\n", log.key(), log);
        assertThatExceptionOfType(UnverifiedException.class).isThrownBy(() -> note.verify(List.of()));
    }

    @Test
    void sameKeyGivenTwiceCountsOnce() throws UnverifiedException {
        SignedNote note = SignedNote.sign("text\n", log.key(), log);
        VerifierKey again =
                VerifierKey.of(ORIGIN, SignatureType.ED25519, log.key().publicKey());
        assertThat(note.verify(List.of(log.key(), again)).signatures()).hasSize(1);
    }

    @Test
    void signatureLineReadsBack() throws MalformedException {
        NoteSignature signature = NoteSignature.cosign(checkpoint, witness.key(), TIME, witness);
        assertThat(NoteSignature.parse(signature.toLine())).isEqualTo(signature);
    }

    @Test
    void checkpointThatCannotBeWrittenIsNotMade() {
        byte[] root = new byte[32];
        assertThatIllegalArgumentException().isThrownBy(() -> new Checkpoint("", 0, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new Checkpoint("a\nb", 0, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new Checkpoint("a\rb", 0, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new Checkpoint("a", -1, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new Checkpoint("a", 0, new byte[31]));
        assertThatIllegalArgumentException().isThrownBy(() -> new Checkpoint("a", 0, root, List.of("")));
        assertThatIllegalArgumentException().isThrownBy(() -> new Checkpoint("a", 0, root, List.of("b\nc")));
    }

    @Test
    void proofThatCannotBeWrittenIsNotMade() {
        SignedNote note = SignedNote.sign(checkpoint.toNoteText(), log.key(), log);
        byte[] none = {};
        List<byte[]> shortHash = List.of(new byte[31]);
        List<byte[]> longPath =
                RfcTree.leaves(64).stream().map(MerkleHash::leaf).toList();
        byte[] hugeExtra = new byte[1 << 20];
        assertThatIllegalArgumentException().isThrownBy(() -> new TlogProof(none, -1, List.of(), note));
        assertThatIllegalArgumentException().isThrownBy(() -> new TlogProof(none, 0, shortHash, note));
        assertThatIllegalArgumentException().isThrownBy(() -> new TlogProof(none, 0, longPath, note));
        assertThatIllegalArgumentException().isThrownBy(() -> new TlogProof(hugeExtra, 0, List.of(), note));
    }

    @Test
    void verifierKeyOfABadNameOrKeyIsRefused() {
        byte[] raw = log.key().publicKey();
        assertThatIllegalArgumentException().isThrownBy(() -> VerifierKey.of("a b", SignatureType.ED25519, raw));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VerifierKey.of(ORIGIN, SignatureType.ED25519, new byte[31]));
    }
}

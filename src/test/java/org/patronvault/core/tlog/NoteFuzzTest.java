package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.ParserFuzz;

/** A fuzz test of the formats of a log or a witness: bytes that parse are written again as the same bytes. */
final class NoteFuzzTest extends ParserFuzz {
    private static final Charset LATIN = StandardCharsets.ISO_8859_1;

    @Override
    protected String frequent() {
        return "\n\u2014 +/=0";
    }

    @Override
    protected List<byte[]> right() {
        TestSigner log = new TestSigner("vault.example.org/log", SignatureType.ED25519);
        TestSigner witness = new TestSigner("witness.example.net/w1", SignatureType.COSIGNATURE_V1);
        List<byte[]> leaves = RfcTree.leaves(70);
        StoredTree tree = StoredTree.of(leaves);
        Checkpoint head = new Checkpoint(log.key().name(), 70, Proofs.root(70, tree));
        SignedNote note = SignedNote.sign(head.toNoteText(), log.key(), log)
                .with(NoteSignature.cosign(head, witness.key(), 1_700_000_000, witness));
        List<byte[]> proof = Proofs.inclusion(41, 70, tree);
        return List.of(
                bytes(note.toText()),
                bytes(head.toNoteText()),
                EntryBundle.encode(leaves.subList(0, 2)),
                Frontier.at(70, tree).encode(),
                bytes(new TlogProof(new byte[3], 41, proof, note).toText()),
                bytes(AddCheckpoint.of(12, proof, note).toText()),
                bytes("tile/0/x001/067.p/7"),
                bytes("tile/entries/000"),
                TILE,
                bytes(witness.key().toString()));
    }

    private static final long LEAVES = 70;
    private static final StoredTree TREE = StoredTree.of(RfcTree.leaves((int) LEAVES));
    private static final byte[] TILE = tile();

    private static byte[] tile() {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        RfcTree.leaves((int) LEAVES).forEach(leaf -> hashes.writeBytes(MerkleHash.leaf(leaf)));
        return hashes.toByteArray();
    }

    /** Checks that only the right hashes of a tile give the right root. Further bytes behind them are not read. */
    private static void checkTile(byte[] input) {
        try {
            boolean right = Arrays.equals(
                    Proofs.root(LEAVES, new TileReader(LEAVES, tile -> input)), Proofs.root(LEAVES, TREE));
            assertThat(right)
                    .isEqualTo(input.length >= TILE.length && Arrays.equals(Arrays.copyOf(input, TILE.length), TILE));
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageStartingWith("tile is shorter");
        }
    }

    private interface Parser {
        byte[] again(byte[] input) throws MalformedException;
    }

    private static final List<Parser> PARSERS = List.of(
            input -> bytes(SignedNote.parse(input).toText()),
            input -> Checkpoint.parse(text(input)).toNoteText().getBytes(LATIN),
            input -> EntryBundle.encode(EntryBundle.decode(input, 2)),
            input -> Frontier.decode(input).encode(),
            input -> bytes(TlogProof.parse(input).toText()),
            input -> bytes(AddCheckpoint.parse(input).toText()),
            input -> Tile.parse(text(input)).path().getBytes(LATIN),
            input -> VerifierKey.parse(text(input)).toString().getBytes(LATIN));

    @Override
    protected int made() {
        return LongRun.times(5_000, 20_000);
    }

    @Override
    protected void check(byte[] input) {
        checkTile(input);
        for (Parser parser : PARSERS) {
            try {
                assertThat(parser.again(input)).isEqualTo(input);
            } catch (MalformedException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a text with a character for each byte. */
    private static String text(byte[] bytes) {
        return new String(bytes, LATIN);
    }
}

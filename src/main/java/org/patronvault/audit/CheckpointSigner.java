package org.patronvault.audit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.patronvault.crypto.SigningKey;
import org.patronvault.keys.DurableFile;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.store.Store;
import org.patronvault.tlog.Checkpoint;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.SignatureType;
import org.patronvault.tlog.SignedNote;
import org.patronvault.tlog.VerifierKey;

/**
 * Signs this node's own tree as a C2SP tlog-checkpoint, and puts it into the database and, as a file, into
 * {@code published/}.
 */
final class CheckpointSigner {
    private final Store store;
    private final KeyCustody custody;
    private final OwnTree tree;
    private final Path published;
    private CheckpointRow last;
    private String writtenKey = "";

    CheckpointSigner(Store store, KeyCustody custody, OwnTree tree, Path published) {
        this.store = store;
        this.custody = custody;
        this.tree = tree;
        this.published = published;
        this.last = null;
    }

    static String origin(String vaultId) {
        return "patron-vault/" + vaultId;
    }

    static VerifierKey verifierKey(String vaultId, byte[] publicKey) {
        return VerifierKey.of(origin(vaultId), SignatureType.ED25519, publicKey);
    }

    /** A checkpoint of the log as it is now; the same one again while there is no news. */
    synchronized CheckpointRow sign() {
        UnsealedKeys keys = custody.keys();
        Frontier frontier = tree.follow();
        if (last != null && last.size() == frontier.size()) {
            return last;
        }
        SigningKey signing = keys.logSigning();
        VerifierKey verifier = verifierKey(keys.vaultId(), signing.publicKey());
        Checkpoint checkpoint = new Checkpoint(origin(keys.vaultId()), frontier.size(), frontier.root());
        String note = SignedNote.sign(checkpoint.toNoteText(), verifier, signing::sign)
                .toText();
        CheckpointRow row = new CheckpointRow(frontier.size(), note);
        store.write(tx -> {
            tx.log().putCheckpoint(row);
            return null;
        });
        DurableFile.write(published.resolve("checkpoint"), note.getBytes(StandardCharsets.UTF_8));
        Path key = published.resolve("log.vkey");
        if (!verifier.toString().equals(writtenKey) || !Files.exists(key)) {
            DurableFile.write(key, (verifier + "\n").getBytes(StandardCharsets.UTF_8));
            writtenKey = verifier.toString();
        }
        tree.write(frontier);
        last = row;
        return row;
    }
}

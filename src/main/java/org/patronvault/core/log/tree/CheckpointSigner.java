package org.patronvault.core.log.tree;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.read.LogKeys;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.VerifierKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signer of this node's own tree. Signs it as a C2SP tlog-checkpoint, stores that in the database, and then writes
 * it as a file in {@code published/}.
 */
public final class CheckpointSigner {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointSigner.class);

    /** The prefix of every origin. */
    static final String ORIGIN = "patron-vault/";

    private final Store store;
    private final KeyCustody custody;
    private final VerifiedTree tree;
    private final Path published;
    private CheckpointRow last;
    private boolean isPublished;
    private byte[] written = new byte[0];
    private String writtenKey = "";

    public CheckpointSigner(Store store, KeyCustody custody, VerifiedTree tree, Path published) {
        this.store = store;
        this.custody = custody;
        this.tree = tree;
        this.published = published;
        this.last = null;
    }

    static String origin(String vaultId) {
        return ORIGIN + vaultId;
    }

    public static VerifierKey verifierKey(String vaultId, byte[] publicKey) {
        return VerifierKey.of(origin(vaultId), SignatureType.ED25519, publicKey);
    }

    /** Returns a checkpoint of the log as it is now. While the log does not grow, this is the previous checkpoint. */
    public synchronized CheckpointRow sign() {
        Frontier frontier = tree.follow();
        // After the tree: if it has the entry that begins a hand-over, the ring has the new key.
        followRing();
        UnsealedKeys keys = custody.keys();
        if (last == null || last.size() != frontier.size()) {
            String note = sign(keys, frontier).toText();
            CheckpointRow row = store.write(tx -> {
                requireNewest(tx, keys);
                return put(tx, new CheckpointRow(frontier.size(), note));
            });
            // First: this node's own record must not depend on whether others can be informed.
            tree.sync();
            last = row;
            isPublished = false;
        }
        return last;
    }

    /**
     * Publishes the last signed checkpoint and its keys, if they are not published yet.
     *
     * @throws UncheckedIOException if that cannot be done just now
     */
    public synchronized void publish() {
        if (last != null && !isPublished) {
            publish(last);
            publishKey(custody.keys());
            isPublished = true;
        }
    }

    /** Reloads the ring, since another node may have begun a hand-over that this node does not know yet. */
    private void followRing() {
        if (!store.isOfOneProcess()) {
            store.read(tx -> {
                RingFreshnessCheck.follow(tx, custody);
                return tx;
            });
        }
    }

    /** Refuses if another node began a hand-over between the signature and its storage. Then the next turn signs. */
    private void requireNewest(WriteTx tx, UnsealedKeys signedBy) {
        boolean isNewest = custody.keys() == signedBy && RingFreshnessCheck.knowsAllOf(tx, custody);
        if (!store.isOfOneProcess() && !isNewest) {
            throw new Refused(Problem.BUSY, "The keys were changed meanwhile; try again in a moment.", 1);
        }
    }

    /** Returns the newest checkpoint signed here, with the witness signatures it has by now. Empty before the first. */
    public synchronized Optional<CheckpointRow> last() {
        return Optional.ofNullable(last);
    }

    /**
     * Adds a witness's signature to the stored checkpoint with exactly that text, and to the checkpoint to be
     * published.
     */
    public synchronized void cosigned(SignedCheckpoint checkpoint, NoteSignature witness) {
        Optional<CheckpointRow> row = store.write(tx -> {
            Optional<SignedNote> stored = tx.log()
                    .checkpoint(checkpoint.size())
                    .map(note -> new SignedCheckpoint(checkpoint.size(), note).parsed())
                    .filter(note -> note.text().equals(checkpoint.text()))
                    .filter(note -> !note.signatures().contains(witness));
            Optional<CheckpointRow> more = stored.map(note ->
                    new CheckpointRow(checkpoint.size(), note.with(witness).toText()));
            more.ifPresent(tx.log()::cosign);
            return more;
        });
        if (row.isPresent() && last != null && last.size() == checkpoint.size()) {
            last = row.get();
            // The next turn publishes it.
            isPublished = false;
        }
    }

    /**
     * Stores a checkpoint, unless there is one of its size. Returns the stored row if it has exactly the same text,
     * since it may have witness signatures.
     */
    private static CheckpointRow put(WriteTx tx, CheckpointRow row) {
        tx.log().putCheckpoint(row);
        return tx.log()
                .checkpoint(row.size())
                .map(note -> new CheckpointRow(row.size(), note))
                .filter(stored -> SignedCheckpoint.of(stored)
                        .text()
                        .equals(SignedCheckpoint.of(row).text()))
                .orElse(row);
    }

    /** Signs with one key, or in a hand-over with two keys that both sign which key comes next. */
    private static SignedNote sign(UnsealedKeys keys, Frontier frontier) {
        List<SigningKey> signers = keys.logSigners();
        List<String> handOver =
                signers.size() == 1 ? List.of() : List.of(LogKeys.handingOverTo(verifierKey(keys, keys.logSigning())));
        String text = new Checkpoint(origin(keys.vaultId()), frontier.size(), frontier.root(), handOver).toNoteText();
        SignedNote note = SignedNote.sign(text, verifierKey(keys, signers.get(0)), signers.get(0)::sign);
        for (SigningKey next : signers.subList(1, signers.size())) {
            note = note.with(NoteSignature.sign(text, verifierKey(keys, next), next::sign));
        }
        return note;
    }

    private static VerifierKey verifierKey(UnsealedKeys keys, SigningKey key) {
        return verifierKey(keys.vaultId(), key.publicKey());
    }

    private void publish(CheckpointRow row) {
        requireExtends();
        byte[] bytes = row.note().getBytes(StandardCharsets.UTF_8);
        if (new SignedCheckpoint(row.size(), row.note()).handsOver()) {
            DurableFile.write(
                    published.resolve(ExportedLog.HAND_OVER + custody.keys().logSigningVersion()), bytes);
        }
        DurableFile.write(published.resolve(ExportedLog.CHECKPOINT), bytes);
        written = bytes;
    }

    /** Refuses to replace a checkpoint of another process, unless the log extends it. */
    private void requireExtends() {
        Path file = published.resolve(ExportedLog.CHECKPOINT);
        try {
            boolean isOurs = !Files.exists(file) || Arrays.equals(Files.readAllBytes(file), written);
            if (!isOurs && !tree.comparison().extendsPublished()) {
                throw new Refused(
                        Problem.KEYS_REFUSED,
                        "published/checkpoint is of a log that this one does not continue, so it stays. Run `log verify`"
                                + " with it.");
            }
        } catch (IOException e) {
            throw new DurableFile.Unreadable(e);
        }
    }

    private void publishKey(UnsealedKeys keys) {
        // The next key is published with the first checkpoint that it signs alone.
        String key = verifierKey(keys, keys.logSigners().get(0)).toString();
        Path file = published.resolve(ExportedLog.KEYS);
        if (!key.equals(writtenKey) || Files.notExists(file)) {
            // Beside the earlier keys, whose checkpoints stay valid.
            Set<String> all = new LinkedHashSet<>(Files.notExists(file) ? List.of() : readKeys(file));
            all.add(key);
            DurableFile.write(file, (String.join("\n", all) + "\n").getBytes(StandardCharsets.UTF_8));
            writtenKey = key;
        }
    }

    /** Returns the keys in the published file. If the file is damaged, returns the keys that the log itself has. */
    private List<String> readKeys(Path file) {
        try {
            List<String> lines = List.of(Files.readString(file).stripTrailing().split("\n", -1));
            for (String line : lines) {
                var unused = VerifierKey.parse(line);
            }
            return lines;
        } catch (CharacterCodingException | MalformedException e) {
            LOG.error("published/log.vkey is damaged, and is made anew from the log.");
            return store.read(tx -> LogKeys.of(tx, note -> {}).all());
        } catch (IOException e) {
            throw new DurableFile.Unreadable(e);
        }
    }
}

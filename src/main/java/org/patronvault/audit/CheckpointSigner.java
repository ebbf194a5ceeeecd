package org.patronvault.audit;

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
import org.patronvault.crypto.SigningKey;
import org.patronvault.keys.DurableFile;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.store.Store;
import org.patronvault.store.WriteTx;
import org.patronvault.tlog.Checkpoint;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MalformedException;
import org.patronvault.tlog.NoteSignature;
import org.patronvault.tlog.SignatureType;
import org.patronvault.tlog.SignedNote;
import org.patronvault.tlog.VerifierKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs this node's own tree as a C2SP tlog-checkpoint, which is put into the database, and then, as a file, into
 * {@code published/}.
 */
final class CheckpointSigner {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointSigner.class);

    /** What every origin begins with. */
    static final String ORIGIN = "patron-vault/";

    private final Store store;
    private final KeyCustody custody;
    private final VerifiedTree tree;
    private final Path published;
    private CheckpointRow last;
    private boolean isPublished;
    private byte[] written = new byte[0];
    private String writtenKey = "";

    CheckpointSigner(Store store, KeyCustody custody, VerifiedTree tree, Path published) {
        this.store = store;
        this.custody = custody;
        this.tree = tree;
        this.published = published;
        this.last = null;
    }

    static String origin(String vaultId) {
        return ORIGIN + vaultId;
    }

    static VerifierKey verifierKey(String vaultId, byte[] publicKey) {
        return VerifierKey.of(origin(vaultId), SignatureType.ED25519, publicKey);
    }

    /** A checkpoint of the log as it is now; the same one again while there is no news. */
    synchronized CheckpointRow sign() {
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
            // First: what this node knows must not hang on whether others can be told.
            tree.sync();
            last = row;
            isPublished = false;
        }
        return last;
    }

    /**
     * Puts what was signed last, and by which key, where others find it, if it is not there yet.
     *
     * @throws UncheckedIOException if that cannot be done just now
     */
    synchronized void publish() {
        if (last != null && !isPublished) {
            publish(last);
            publishKey(custody.keys());
            isPublished = true;
        }
    }

    /** Another node may have begun a hand-over, of which this one's ring does not know yet. */
    private void followRing() {
        if (!store.isOfOneProcess()) {
            store.read(tx -> {
                RingFreshnessCheck.follow(tx, custody);
                return tx;
            });
        }
    }

    /** Nor may it do so between the signature and its place in the database: then the next turn signs. */
    private void requireNewest(WriteTx tx, UnsealedKeys signedBy) {
        boolean isNewest = custody.keys() == signedBy && RingFreshnessCheck.knowsAllOf(tx, custody);
        if (!store.isOfOneProcess() && !isNewest) {
            throw new Refused(Problem.BUSY, "The keys were changed meanwhile; try again in a moment.", 1);
        }
    }

    /** The newest that was signed here, with the witnesses' lines it has by now; empty before the first. */
    synchronized Optional<CheckpointRow> last() {
        return Optional.ofNullable(last);
    }

    /** Puts a witness's line under a stored checkpoint that has that very text, and under the one to be published. */
    synchronized void cosigned(SignedCheckpoint checkpoint, NoteSignature witness) {
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
            // With the next turn.
            isPublished = false;
        }
    }

    /** The one that is there, if it says the very same: it may have witnesses' lines. */
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

    /** By one key, or by two that both sign that the second is the one to come. */
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

    /** Refuses to take the place of a checkpoint that is not this process's, unless the log goes on from it. */
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
        // The key to come follows with the first checkpoint that it signs alone.
        String key = verifierKey(keys, keys.logSigners().get(0)).toString();
        Path file = published.resolve(ExportedLog.KEYS);
        if (!key.equals(writtenKey) || Files.notExists(file)) {
            // Beside those that signed before, whose checkpoints stay good.
            Set<String> all = new LinkedHashSet<>(Files.notExists(file) ? List.of() : readKeys(file));
            all.add(key);
            DurableFile.write(file, (String.join("\n", all) + "\n").getBytes(StandardCharsets.UTF_8));
            writtenKey = key;
        }
    }

    /** What was written there; if that is damaged, what the log itself has of it. */
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

package org.patronvault.core.log.read;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.tree.CheckpointSigner;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.UnverifiedException;
import org.patronvault.core.tlog.VerifierKey;

/**
 * The keys that signed one log, each from its size on. The stored checkpoints hand the log over from one key to the
 * next (format.md, "Hand-over of the signing key"). Needs no key of the vault. For one thread.
 */
public final class LogKeys {
    /** The prefix of the checkpoint line that names the next key. */
    static final String HAND_OVER = "hand-over ";

    private final NavigableMap<Long, VerifierKey> since = new TreeMap<>();

    /** Begins with the key that the log's first entry names. */
    public LogKeys(VerifierKey first) {
        since.put(0L, first);
    }

    /** Returns the keys that signed the log so far. Passes on each checkpoint that handed over. */
    public static LogKeys of(Tx tx, Consumer<String> handedOver) {
        byte[] first = tx.log()
                .leaf(0)
                .map(Leaf::parse)
                .flatMap(leaf -> leaf.event().publicKey())
                .orElseThrow(() -> new IntegrityException("log: no signing key"));
        LogKeys keys = new LogKeys(CheckpointSigner.verifierKey(tx.fact("vault").orElse(""), first));
        tx.log().checkpointsWith(HAND_OVER).stream()
                .map(CheckpointRow::note)
                .filter(keys::follows)
                .forEach(handedOver);
        return keys;
    }

    /** Returns the line of a checkpoint that hands the log over to a key. */
    public static String handingOverTo(VerifierKey next) {
        return HAND_OVER + next;
    }

    /**
     * Reads the next stored checkpoint, in the order of sizes. Returns what is wrong with its signatures, if anything.
     */
    public Optional<String> follow(SignedNote note, Checkpoint checkpoint) {
        Optional<VerifierKey> next;
        try {
            next = next(checkpoint);
        } catch (MalformedException e) {
            return Optional.of("handover-malformed");
        }
        if (next.isPresent() && !since.containsValue(next.get())) {
            return handOver(note, checkpoint, next.get());
        }
        if (isSigned(note, checkpoint.size())) {
            return Optional.empty();
        }
        boolean stranger = note.signatures().stream()
                .allMatch(signature -> since.values().stream().noneMatch(key -> key.keyId() == signature.keyId()));
        return Optional.of(stranger ? "handover-missing" : "checkpoint-signature");
    }

    private Optional<String> handOver(SignedNote note, Checkpoint checkpoint, VerifierKey next) {
        boolean ofTheLog = next.name().equals(checkpoint.origin()) && next.type() == SignatureType.ED25519;
        // Two keys with one ID could not be told apart in a signature line.
        if (!ofTheLog || since.values().stream().anyMatch(key -> key.keyId() == next.keyId())) {
            return Optional.of("handover-malformed");
        }
        List<VerifierKey> known = new ArrayList<>(since.values());
        known.add(next);
        if (!isSigned(note, at(checkpoint.size()), known) || !isSigned(note, next, known)) {
            return Optional.of("handover-signature");
        }
        since.put(checkpoint.size(), next);
        return Optional.empty();
    }

    private static Optional<VerifierKey> next(Checkpoint checkpoint) throws MalformedException {
        Optional<String> line = checkpoint.extensions().stream()
                .filter(extension -> extension.startsWith(HAND_OVER))
                .findFirst();
        if (line.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(VerifierKey.parse(line.get().substring(HAND_OVER.length())));
    }

    /** Whether the log's key at that size has signed the note, and no other log key has a wrong signature on it. */
    public boolean isSigned(SignedNote note, long size) {
        return isSigned(note, at(size), since.values());
    }

    private static boolean isSigned(SignedNote note, VerifierKey by, Collection<VerifierKey> known) {
        try {
            return note.verify(known).isSignedBy(by);
        } catch (UnverifiedException e) {
            return false;
        }
    }

    private VerifierKey at(long size) {
        return since.floorEntry(size).getValue();
    }

    /** Reads the next stored checkpoint as {@link #follow} does. Returns whether it handed over to a new key. */
    boolean follows(String text) {
        int before = since.size();
        try {
            SignedNote note = SignedNote.parse(text);
            return follow(note, Checkpoint.parse(note.text())).isEmpty() && since.size() > before;
        } catch (MalformedException e) {
            return false;
        }
    }

    /** Returns the note with the signatures of these keys alone. */
    public SignedNote signedByThem(SignedNote note) {
        return note.signedOnlyBy(since.values());
    }

    /** Returns each key, oldest first, as C2SP writes verifier keys, with the size from which it alone counts. */
    public Map<String, Long> sizes() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        since.forEach((size, key) -> sizes.put(key.toString(), size));
        return sizes;
    }

    /** Returns all keys, oldest first, as C2SP writes verifier keys. */
    public List<String> all() {
        return since.values().stream().map(VerifierKey::toString).toList();
    }

    /** Whether each given key has signed the log at some time. The keys are one a line, as C2SP writes them. */
    public boolean hold(String verifierKeys) {
        return verifierKeys.lines().filter(line -> !line.isBlank()).allMatch(all()::contains);
    }
}

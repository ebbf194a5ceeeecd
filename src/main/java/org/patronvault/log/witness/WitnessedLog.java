package org.patronvault.log.witness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.read.LogKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.tlog.AddCheckpoint;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.Proofs;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.VerifierKey;

/**
 * A witness's record of one log: the trusted keys, and the last checkpoint it signed. Everything an answer depends on
 * is on disk before the answer is given. Safe for use by many threads: each request is judged and stored under one
 * lock, so no smaller tree is signed after a larger one.
 */
final class WitnessedLog {
    private static final String CHECKPOINT = "checkpoint";
    private static final String HAND_OVER = "handover-";
    private static final String REFUSED = "refused-";
    private static final String FORKED = "forked-";
    private static final int MAX_REFUSED = 16;

    private final Path directory;
    private final VerifierKey first;
    private final NavigableMap<Long, SignedNote> handOvers = new TreeMap<>();
    private Optional<SignedNote> last = Optional.empty();

    /**
     * Loads the files in a directory.
     *
     * @param first the key that the operator named, from which hand-overs lead on
     * @param own the witness's key, which must have signed what is there
     * @throws IntegrityException if a file in it is damaged
     */
    WitnessedLog(Path directory, VerifierKey first, VerifierKey own) {
        this.directory = directory;
        this.first = first;
        DurableFile.makeDirectory(directory);
        // A stored checkpoint counts, though an earlier process may have ended because it could not force it to disk.
        DurableFile.sync(directory);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.equals(CHECKPOINT)) {
                    last = Optional.of(read(file));
                } else if (name.matches(HAND_OVER + "[0-9]{1,19}")) {
                    handOvers.put(Long.parseLong(name.substring(HAND_OVER.length())), read(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the witness's directory cannot be read", e);
        }
        if (last.filter(note -> !note.isSignedBy(own)).isPresent()) {
            throw changed(null);
        }
        last.ifPresent(WitnessedLog::checkpointOf);
    }

    private static IntegrityException changed(Throwable cause) {
        return new IntegrityException("witness: a file of its state was changed", cause);
    }

    private static SignedNote read(Path file) throws IOException {
        try {
            return SignedNote.parse(Files.readAllBytes(file));
        } catch (MalformedException e) {
            throw changed(e);
        }
    }

    private static Checkpoint checkpointOf(SignedNote note) {
        try {
            return Checkpoint.parse(note.text());
        } catch (MalformedException e) {
            throw changed(e);
        }
    }

    /** Returns the last signed checkpoint, with the signatures of the log and the witness. */
    synchronized Optional<String> last() {
        return last.map(SignedNote::toText);
    }

    /**
     * Judges one request (C2SP tlog-witness, in the order of refusals given there).
     *
     * @param cosign makes the witness's signature once no check fails
     */
    synchronized Witness.Reply add(AddCheckpoint asked, Function<Checkpoint, NoteSignature> cosign) {
        Checkpoint next = asked.checkpoint();
        LogKeys keys = keys();
        int before = keys.all().size();
        if (keys.follow(asked.note(), next).isPresent()) {
            return Witness.Reply.refusal(403, "Not signed by a key of that log that this witness knows.");
        }
        boolean handsOver = keys.all().size() > before;
        if (asked.oldSize() > next.size()) {
            return Witness.Reply.refusal(400, "The old size is above that of the checkpoint.");
        }
        long known = last.map(note -> checkpointOf(note).size()).orElse(0L);
        if (asked.oldSize() != known) {
            return Witness.Reply.sizeIs(known);
        }
        byte[] root = last.map(note -> checkpointOf(note).root()).orElseGet(MerkleHash::emptyRoot);
        if (!Proofs.verifyConsistency(known, root, next.size(), next.root(), asked.proof())) {
            boolean contradicts = next.size() == known && !Arrays.equals(next.root(), root);
            boolean same = next.size() == known && !contradicts;
            if (!same) {
                keep(contradicts ? FORKED : REFUSED, asked);
            }
            return Witness.Reply.refusal(422, "That tree does not grow from the one this witness signed.");
        }
        NoteSignature signature = cosign.apply(next);
        SignedNote signed = keys.signedByThem(asked.note()).with(signature);
        if (handsOver) {
            write(HAND_OVER + next.size(), asked.note().toText());
        }
        write(CHECKPOINT, signed.toText());
        if (handsOver) {
            handOvers.put(next.size(), asked.note());
        }
        last = Optional.of(signed);
        return Witness.Reply.signed(signature);
    }

    /** Returns the keys to trust now. A hand-over that does not follow from the operator's key does not count. */
    private LogKeys keys() {
        LogKeys keys = new LogKeys(first);
        handOvers.values().forEach(note -> keys.follow(note, checkpointOf(note)));
        return keys;
    }

    private void write(String name, String text) {
        DurableFile.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Keeps a rejected checkpoint that the log itself signed, each once, whatever else came with it. Another root at
     * the signed size proves a split view, and has places of its own. At another size it may be proof, or just a wrong
     * path.
     */
    private void keep(String name, AddCheckpoint asked) {
        for (int n = 1; n <= MAX_REFUSED; n++) {
            Path file = directory.resolve(name + n);
            if (!Files.exists(file)) {
                write(name + n, asked.toText());
                return;
            }
            try {
                if (AddCheckpoint.parse(Files.readAllBytes(file)).checkpoint().equals(asked.checkpoint())) {
                    return;
                }
            } catch (MalformedException e) {
                // A file of somebody else: it keeps its place.
            } catch (IOException e) {
                throw new UncheckedIOException("the witness's directory cannot be read", e);
            }
        }
    }
}

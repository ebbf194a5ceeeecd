package org.patronvault.core.log.tree;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.UnverifiedException;
import org.patronvault.core.tlog.VerifierKey;

/** The published checkpoints and signing keys of a vault's log, as files of its home. */
public record PublishedLog(Path directory) {

    /**
     * Adds these files and witnesses to what is known of the log from elsewhere. Call it before the log is read, which
     * can then only be longer.
     *
     * @throws Refused if the directory cannot be read
     */
    public LogVerifier.TrustAnchors with(LogVerifier.TrustAnchors elsewhere, List<WitnessPeer> peers) {
        List<LogVerifier.SavedCheckpoint> saved = new ArrayList<>(elsewhere.checkpoints());
        for (String name : List.of("checkpoint", "handover")) {
            files(name).forEach(file -> saved.add(new LogVerifier.SavedCheckpoint("published-" + name, read(file))));
        }
        Path file = directory.resolve(ExportedLog.KEYS);
        Optional<String> keys = Files.exists(file)
                ? Optional.of(
                        read(file) + elsewhere.keys().map(more -> "\n" + more).orElse(""))
                : elsewhere.keys();
        Set<String> witnesses = new LinkedHashSet<>(elsewhere.witnesses());
        peers.forEach(peer -> witnesses.add(peer.key().toString()));
        return new LogVerifier.TrustAnchors(saved, elsewhere.receipts(), keys, List.copyOf(witnesses));
    }

    /**
     * Returns the newest published checkpoint, if a key of that ring has signed it. An unreadable file counts as none.
     */
    Optional<Checkpoint> newest(UnsealedKeys keys) {
        try {
            SignedNote note = SignedNote.parse(Files.readAllBytes(directory.resolve(ExportedLog.CHECKPOINT)));
            Checkpoint checkpoint = Checkpoint.parse(note.text());
            boolean isOurs = checkpoint.origin().equals(CheckpointSigner.origin(keys.vaultId()))
                    && keys.logVerifiers().stream()
                            .map(key -> CheckpointSigner.verifierKey(keys.vaultId(), key))
                            .anyMatch(key -> isSigned(note, key));
            return Optional.of(checkpoint).filter(signed -> isOurs);
        } catch (IOException | MalformedException e) {
            return Optional.empty();
        }
    }

    private static boolean isSigned(SignedNote note, VerifierKey key) {
        try {
            return note.verify(List.of(key)).isSignedBy(key);
        } catch (UnverifiedException e) {
            return false;
        }
    }

    /** Renames the newest checkpoint, so that the next one can take its place. */
    void keepBeside(long size) {
        try {
            Files.move(
                    directory.resolve(ExportedLog.CHECKPOINT),
                    directory.resolve("replaced-checkpoint-" + size),
                    StandardCopyOption.REPLACE_EXISTING);
            DurableFile.sync(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("published/ of the home cannot be written", e);
        }
    }

    private List<Path> files(String name) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, name + "{,-[0-9]*}")) {
            List<Path> found = new ArrayList<>();
            files.forEach(found::add);
            return found;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException | DirectoryIteratorException e) {
            throw unreadable();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreadable();
        }
    }

    private static Refused unreadable() {
        return new Refused(Problem.INVALID, "The directory `published` of the home cannot be read.");
    }
}

package org.patronvault.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** What a vault has published of its log: checkpoints, and the keys that signed them, as files of its home. */
public record PublishedLog(Path directory) {

    /**
     * What is known of the log by these files, and of those witnesses, beside what is known from elsewhere. To be read
     * before the log is, which is longer then and not shorter.
     *
     * @throws Refused if the directory cannot be read
     */
    public LogVerifier.Known with(LogVerifier.Known elsewhere, List<WitnessPeer> peers) {
        List<LogVerifier.Saved> saved = new ArrayList<>(elsewhere.checkpoints());
        for (String name : List.of("checkpoint", "handover")) {
            files(name).forEach(file -> saved.add(new LogVerifier.Saved("published-" + name, read(file))));
        }
        Path file = directory.resolve(ExportedLog.KEYS);
        Optional<String> keys = Files.exists(file)
                ? Optional.of(
                        read(file) + elsewhere.keys().map(more -> "\n" + more).orElse(""))
                : elsewhere.keys();
        Set<String> witnesses = new LinkedHashSet<>(elsewhere.witnesses());
        peers.forEach(peer -> witnesses.add(peer.key().toString()));
        return new LogVerifier.Known(saved, elsewhere.receipts(), keys, List.copyOf(witnesses));
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

package org.patronvault.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.DurableFile;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The directory {@code policies} of a home: one file for each version of the posted policy. A version that is not posted
 * yet is posted once its file stays as it is; a file that says something else than what was posted is told of once, and
 * not taken. Safe for use by many threads.
 */
public final class PostedFiles {
    private static final String DIRECTORY = "policies";
    private static final int MOST_FILES = 2 * PolicyVersions.MOST;

    /** What is wrong with a file. */
    public record Fault(String name, String says) {}

    private final Path directory;
    private final AuditLog log;
    private final PolicyVersions versions;
    private final IdempotencyStore replay;
    private final Map<Path, byte[]> lastRead = new HashMap<>();
    private final Set<Path> told = new HashSet<>();

    PostedFiles(Path home, AuditLog log, PolicyVersions versions, IdempotencyStore replay) {
        this.directory = in(home);
        this.log = log;
        this.versions = versions;
        this.replay = replay;
    }

    /** Where they are in that home. */
    public static Path in(Path home) {
        return home.resolve(DIRECTORY);
    }

    /** Makes that directory with the default policy in it. */
    public static void create(Path home, LocalDate today) {
        DurableFile.makeDirectory(in(home));
        DurableFile.write(PostedFile.of(in(home), PostedFile.defaultVersion()), PostedFile.defaultText(today));
    }

    /** Takes what is there, after unsealing. */
    public synchronized void begin() {
        files(directory).forEach(this::read);
        look();
    }

    /** The same now and then; a file that is still being written is left alone until it stays as it is. */
    public synchronized void look() {
        List<Path> files = files(directory);
        lastRead.keySet().retainAll(files);
        told.retainAll(files);
        for (Path file : files) {
            byte[] before = lastRead.getOrDefault(file, new byte[0]);
            byte[] now = read(file);
            if (Arrays.equals(before, now)) {
                take(file, now);
            } else {
                told.remove(file);
            }
        }
        writeMissing();
    }

    private byte[] read(Path file) {
        byte[] now;
        try {
            now = PostedFile.bytes(file);
        } catch (Refused e) {
            now = new byte[0];
        }
        lastRead.put(file, now);
        return now;
    }

    private void take(Path file, byte[] bytes) {
        try {
            PostedPolicy policy = named(file, bytes, versions.today());
            versions.post(Actor.VAULT, policy, IdempotencyStore.Once.withoutKey(), replay, AuditLog.newRequest());
        } catch (Refused e) {
            boolean ofFile = e.problem().kind() == Problem.Kind.UNPROCESSABLE
                    || e.problem().kind() == Problem.Kind.CONFLICT;
            if (!ofFile) {
                throw e;
            }
            if (told.add(file)) {
                tell(file);
            }
        }
    }

    /** The name of a file may be anything; in the log stands only one that a version can have. */
    private void tell(Path file) {
        AccessEvent event = log.event(Actor.VAULT, Act.POLICY, Outcome.FAILED, AuditLog.newRequest())
                .about(version(file).map(PolicyVersions::about).orElse(DIRECTORY));
        log.appendAndWait(Unit.of(event).alerting(Set.of(Alert.POLICY_FILE)));
    }

    private static Optional<String> version(Path file) {
        String name = file.getFileName().toString();
        return Optional.of(name.substring(0, name.length() - PostedFile.SUFFIX.length()))
                .filter(PostedPolicy::isVersion);
    }

    private static PostedPolicy named(Path file, byte[] bytes, LocalDate today) {
        PostedPolicy policy = PostedFile.parse(bytes, today);
        if (!version(file).equals(Optional.of(policy.version()))) {
            throw new Refused(Problem.INVALID, "Its name must be that of the version in it, and .md.");
        }
        return policy;
    }

    /** Each home of several nodes has every version; what cannot be written now is written another time. */
    private void writeMissing() {
        try {
            DurableFile.makeDirectory(directory);
            for (PostedPolicy policy : versions.all()) {
                Path file = PostedFile.of(directory, policy.version());
                if (!Files.exists(file)) {
                    DurableFile.write(file, PostedFile.write(policy));
                }
            }
        } catch (UncheckedIOException e) {
            // The rows are what counts.
        }
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(PostedFile.SUFFIX))
                    .sorted()
                    .limit(MOST_FILES)
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** What is wrong with the files of a home, held against what was posted. */
    public static List<Fault> faults(Path home, List<PostedPolicy> posted, LocalDate today) {
        List<Fault> faults = new ArrayList<>();
        for (Path file : files(in(home))) {
            String name = file.getFileName().toString();
            try {
                PostedPolicy says = named(file, PostedFile.bytes(file), today);
                Optional<PostedPolicy> row = posted.stream()
                        .filter(one -> one.version().equals(says.version()))
                        .findFirst();
                if (row.isPresent() && !row.get().equals(says)) {
                    faults.add(new Fault(
                            name,
                            "says something else than what was posted, which stays as it is: remove it, and the vault"
                                    + " writes it again as it was posted; post what is new under another version."));
                }
            } catch (Refused e) {
                faults.add(new Fault(name, "is not taken. " + e.getMessage()));
            }
        }
        return faults;
    }
}

package org.patronvault.access.posted;

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
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The directory {@code policies} of a home: one file for each version of the posted policy. A new version is posted
 * once its file has stopped changing. A file that differs from its posted version is reported once, and ignored.
 * Thread-safe.
 */
public final class PostedFiles {
    private static final String DIRECTORY = "policies";
    private static final int MOST_FILES = 2 * PolicyVersions.MOST;

    /** A fault of a file. */
    public record Fault(String name, String says) {}

    private final Path directory;
    private final AuditLog log;
    private final PolicyVersions versions;
    private final IdempotencyStore replay;
    private final Map<Path, byte[]> lastRead = new HashMap<>();
    private final Set<Path> told = new HashSet<>();

    public PostedFiles(Path home, AuditLog log, PolicyVersions versions, IdempotencyStore replay) {
        this.directory = in(home);
        this.log = log;
        this.versions = versions;
        this.replay = replay;
    }

    /** Returns the directory in that home. */
    public static Path in(Path home) {
        return home.resolve(DIRECTORY);
    }

    /** Makes that directory with the default policy in it. */
    public static void create(Path home, LocalDate today) {
        DurableFile.makeDirectory(in(home));
        DurableFile.write(PostedFile.of(in(home), PostedFile.defaultVersion()), PostedFile.defaultText(today));
    }

    /** Posts the files that are there, after unsealing. */
    public synchronized void begin() {
        files(directory).forEach(this::read);
        look();
    }

    /**
     * Posts new files; call it regularly. A file that is still being written waits until it is unchanged between two
     * calls.
     */
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

    /** Reports a file. Its name may be anything; the log takes only a name that a version can have. */
    private void tell(Path file) {
        AccessEvent event = log.event(Actor.VAULT, ActKind.POLICY, Outcome.FAILED, AuditLog.newRequest())
                .about(version(file).map(PolicyVersions::about).orElse(DIRECTORY));
        log.record(event, Alert.POLICY_FILE);
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

    /** Writes missing files: each home of several nodes has every version. A failed write is tried again later. */
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
            // The rows are authoritative.
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

    /** Returns the faults of a home's files, compared with the posted versions. */
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

package org.patronvault.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The paths that a command may use in a service. A service may have private directories in place of the machine's, as
 * with systemd's {@code PrivateTmp} and {@code PrivateDevices}. Nobody finds files there, and they vanish when it ends.
 */
public final class ServicePaths {
    private static final List<String> OFTEN_APART = List.of("/tmp", "/var/tmp", "/dev/shm");

    private ServicePaths() {}

    /** Returns those directories as this process sees them: an identity by name. */
    public static Map<String, String> here() {
        Map<String, String> seen = new TreeMap<>();
        for (String directory : OFTEN_APART) {
            identity(directory).ifPresent(identity -> seen.put(directory, identity));
        }
        return seen;
    }

    private static Optional<String> identity(String directory) {
        try {
            return Optional.ofNullable(Files.readAttributes(Path.of(directory), BasicFileAttributes.class)
                            .fileKey())
                    .map(Object::toString);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Refuses a path that means another file here than for the caller.
     *
     * @param callers the caller's {@link #here}
     */
    static void requireShared(Map<String, String> callers, Path path) {
        Path whole = path.toAbsolutePath().normalize();
        for (Map.Entry<String, String> seen : callers.entrySet()) {
            if (whole.startsWith(seen.getKey())
                    && !Objects.equals(seen.getValue(), identity(seen.getKey()).orElse(""))) {
                throw new Refused(
                        Problem.INVALID,
                        "The vault runs as a service that has a " + seen.getKey() + " of its own, so nobody would find"
                                + " there what it writes: name a place below /var/lib/patron-vault, or one that an"
                                + " override of the service opens (install.md).");
            }
        }
    }

    /** Refuses a directory, existing or new, that is not writable. */
    public static void requireWritable(Path directory) {
        Path there = directory.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new Refused(
                    Problem.INVALID,
                    "That directory cannot be written, or made: see whose it is. A service writes below"
                            + " /var/lib/patron-vault, and where an override of it lets it (install.md).");
        }
    }
}

package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The check of a secret's file, which this process, the service if one runs, must be able to read and others not. A
 * file of root, who can read everything, may be readable by the service's group.
 */
public final class SecretFile {
    private static final Set<PosixFilePermission> EVERYBODY = EnumSet.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);
    private static final Set<PosixFilePermission> GROUP = EnumSet.of(
            PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_EXECUTE);

    private SecretFile() {}

    /** Returns what is wrong with the file, with the cure, to follow its name, or empty. */
    public static Optional<String> fault(Path file) {
        return fault(file, ProcessUser.name());
    }

    static Optional<String> fault(Path file, String user) {
        if (!Files.exists(file)) {
            return Optional.of(" is not there, or where the user " + user + " cannot get at it.");
        }
        if (!Files.isReadable(file)) {
            return Optional.of(" cannot be read by the user " + user + ": run `chown " + user + "` on it.");
        }
        try {
            Set<PosixFilePermission> modes = Files.getPosixFilePermissions(file.toRealPath());
            String owner = Files.getOwner(file.toRealPath()).getName();
            boolean own = owner.equals(user);
            if (!own && !owner.equals("root")) {
                return Optional.of(" belongs to another user: run `chown " + user + "` on it.");
            }
            if (modes.stream().anyMatch(own ? GROUP::contains : PosixFilePermission.GROUP_WRITE::equals)) {
                return Optional.of(" is open to others: run `chmod " + (own ? "600" : "640") + "` on it.");
            }
            return modes.stream().anyMatch(EVERYBODY::contains)
                    ? Optional.of(" is open to everybody on this machine: run `chmod o=` on it.")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.of(" cannot be looked at.");
        }
    }
}

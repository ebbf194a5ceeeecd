package org.patronvault.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The rules for file systems on which a SQLite database is safe. */
public final class FileSystemType {
    /** File systems of other machines or of programs: their locks, syncs and inode numbers are not those of a disk. */
    private static final Pattern REFUSED = Pattern.compile("(nfs|cifs|smb|9p|fuse|afs|ceph|gluster).*");

    private FileSystemType() {}

    /** Returns why a home with a SQLite database must not be on a file system of that type, with the cure. */
    public static Optional<String> fault(String type) {
        return REFUSED.matcher(type).matches()
                ? Optional.of("The home or its database is on a network or FUSE file system (" + type
                        + "), where SQLite's locks and syncs are not reliable: put it on a disk of this machine, or use"
                        + " PostgreSQL.")
                : Optional.empty();
    }

    /**
     * Refuses a directory on such a file system.
     *
     * @throws Refused with the cure
     */
    public static void require(Path directory) {
        try {
            fault(Files.getFileStore(directory).type()).ifPresent(says -> {
                throw new Refused(Problem.INVALID, says);
            });
        } catch (IOException e) {
            // If a directory cannot be read, opening it is refused.
        }
    }
}

package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The check for disk space before a database copy starts. */
final class FreeSpace {
    private static final int MIB = 1 << 20;

    private FreeSpace() {}

    /** Requires space for an unencrypted copy of {@code bytes} on the disk of {@code where}. */
    static void requireForACopy(Path where, long bytes) {
        requireForACopy(free(where), bytes);
    }

    /**
     * Requires space for a backup of {@code bytes}, and for the copy it is made from.
     *
     * @param copies directory of that copy. Neither directory need exist yet.
     */
    static void requireForABackup(Path copies, Path directory, long bytes) {
        Path there = there(directory);
        boolean oneDisk = isOneDisk(there, there(copies));
        requireForACopy(there(copies), oneDisk ? 2 * bytes : bytes);
        if (!oneDisk && free(there) < bytes) {
            throw new Refused(
                    Problem.STORE_FULL,
                    "The disk of the backup has " + mib(free(there)) + " MiB free, and a backup takes about "
                            + mib(bytes) + ": make room there, or name a directory on another disk.");
        }
    }

    static void requireForACopy(long free, long bytes) {
        if (free < bytes) {
            throw new Refused(
                    Problem.STORE_FULL,
                    "The disk for the opened copy of the database, which is the home's unless --open names another, has "
                            + mib(free) + " MiB free, and " + mib(bytes)
                            + " are needed for as long as this takes: make room there.");
        }
    }

    /** The usable bytes on the path's disk. */
    static long free(Path on) {
        try {
            return store(on).getUsableSpace();
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "How much room a disk has cannot be told; check that it is mounted.");
        }
    }

    /** The directory, or its nearest existing parent. */
    private static Path there(Path directory) {
        Path at = directory.toAbsolutePath();
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    private static boolean isOneDisk(Path one, Path other) {
        try {
            return DiskIdentity.holds(one, other);
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "A disk cannot be looked at; check that it is mounted.");
        }
    }

    private static FileStore store(Path on) {
        try {
            return Files.getFileStore(on);
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "A disk cannot be looked at; check that it is mounted.");
        }
    }

    /** Rounds up. */
    private static long mib(long bytes) {
        return (bytes + MIB - 1) / MIB;
    }
}

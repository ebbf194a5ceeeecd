package org.patronvault.upkeep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What vault.yaml says of backups that the vault makes by itself.
 *
 * @param directory in which each backup gets a directory of its own
 * @param everyDays the age at which the newest is too old
 * @param keepDays for how many days of running one is kept, or longer, if it is the newest
 * @param ownDisk whether they may be on the database's own disk
 */
public record BackupPlan(Path directory, int everyDays, int keepDays, boolean ownDisk) {

    /**
     * Why none can be made there now, cure included, as it is said after the directory's name; empty if one can.
     *
     * @param database its file, or where that will be; empty if it is on a server
     */
    Optional<String> fault(Optional<Path> database) {
        if (!Files.isDirectory(directory)) {
            // Made anew it would be on another disk than the one that is not there.
            return Optional.of("is not there: mount the disk it is on, or make it.");
        }
        if (!Files.isWritable(directory)) {
            return Optional.of("cannot be written: give it to the user " + ProcessUser.name()
                    + ", and name it in ReadWritePaths of the service (install.md).");
        }
        // A place to mount a disk at is a directory too while no disk is mounted there.
        return !ownDisk && database.map(Path::getParent).filter(this::isBeside).isPresent()
                ? Optional.of("is on the database's own disk, with which they would be lost, as where its disk is not"
                        + " mounted: mount that. If it is meant, say `ownDisk: true` under backup in vault.yaml.")
                : Optional.empty();
    }

    private boolean isBeside(Path data) {
        try {
            return DiskIdentity.holds(directory, data);
        } catch (IOException e) {
            // The database is not there, which others say.
            return false;
        }
    }
}

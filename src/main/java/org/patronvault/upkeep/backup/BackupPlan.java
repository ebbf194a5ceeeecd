package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The plan of automatic backups in vault.yaml.
 *
 * @param directory in which each backup gets its own directory
 * @param everyDays the age in days at which the newest backup is too old
 * @param keepDays running days for which a backup is kept. The newest is kept longer.
 * @param ownDisk whether backups may be on the database's own disk
 */
public record BackupPlan(Path directory, int everyDays, int keepDays, boolean ownDisk) {

    /**
     * Returns why no backup can be made there now, with the cure, to follow the directory's name. Empty if one can.
     *
     * @param database its present or future file, or empty if it is on a server
     */
    public Optional<String> fault(Optional<Path> database) {
        if (!Files.isDirectory(directory)) {
            // A new directory would be on another disk than the missing one.
            return Optional.of("is not there: mount the disk it is on, or make it.");
        }
        if (!Files.isWritable(directory)) {
            return Optional.of("cannot be written: give it to the user " + ProcessUser.name()
                    + ", and name it in ReadWritePaths of the service (install.md).");
        }
        // A mount point is a directory too while no disk is mounted.
        return !ownDisk && database.map(Path::getParent).filter(this::isBeside).isPresent()
                ? Optional.of("is on the database's own disk, with which they would be lost, as where its disk is not"
                        + " mounted: mount that. If it is meant, say `ownDisk: true` under backup in vault.yaml.")
                : Optional.empty();
    }

    private boolean isBeside(Path data) {
        try {
            return DiskIdentity.holds(directory, data);
        } catch (IOException e) {
            // The database is missing, which other checks report.
            return false;
        }
    }
}

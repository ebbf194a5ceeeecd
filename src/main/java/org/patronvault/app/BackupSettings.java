package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.Refused;
import org.patronvault.upkeep.BackupPlan;

/**
 * What {@code vault.yaml} says of backups that the vault makes by itself.
 *
 * @param directory where they go, as it is written; empty if none are made
 * @param every days after which the newest is too old
 * @param keep days after which one is removed
 * @param ownDisk whether they may lie on the disk of the database
 */
public record BackupSettings(Optional<Path> directory, int every, int keep, boolean ownDisk) {
    /** The members under {@code backup}. */
    static final Set<String> MEMBERS = Set.of("directory", "every", "keep", "ownDisk");

    static BackupSettings read(JsonNode node) {
        JsonNode directory = node.path("directory");
        if (!directory.isMissingNode()
                && (!directory.isTextual() || directory.textValue().isBlank())) {
            throw Settings.wrong("must give backup.directory as the path of a directory");
        }
        return new BackupSettings(
                Settings.text(node, "directory").map(Path::of),
                Settings.number(node.path("every"), 1, 1, 365, "backup.every"),
                Settings.number(node.path("keep"), 37, 1, 3_650, "backup.keep"),
                Settings.flag(node.path("ownDisk"), "backup.ownDisk"));
    }

    /**
     * What is to be made, if anything is; a relative path begins in the home.
     *
     * @throws Refused if they would be lost with the home
     */
    public Optional<BackupPlan> planOf(Home home) {
        Optional<Path> resolved = directory.map(path -> Settings.absolute(home, path));
        if (resolved.filter(path -> path.startsWith(Settings.absolute(home, Path.of(""))))
                .isPresent()) {
            throw Settings.wrong("must give backup.directory outside the home, best on another disk");
        }
        return resolved.map(path -> new BackupPlan(path, every, keep, ownDisk));
    }
}

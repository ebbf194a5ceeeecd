package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.Refused;
import org.patronvault.upkeep.backup.BackupPlan;

/**
 * The settings in {@code vault.yaml} for automatic backups.
 *
 * @param directory target as written, or empty for no backups
 * @param every days after which the newest backup is too old
 * @param keep days after which a backup is removed
 * @param ownDisk whether backups may be on the database's disk
 */
public record BackupSettings(Optional<Path> directory, int every, int keep, boolean ownDisk) {
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
     * Returns the plan of backups, if any. A relative path starts in the home.
     *
     * @throws Refused if the backups would be lost with the home
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

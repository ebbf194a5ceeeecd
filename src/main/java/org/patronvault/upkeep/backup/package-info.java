/**
 * Backups, restores, exports of the log and moves of the database.
 *
 * <p>{@code Backup} copies the database, seals it, and writes a {@code BackupManifest}. {@code OpenedBackup} opens and
 * checks it again before the backup counts as verified. {@code Restore} brings its patrons back under the log that is
 * there. {@code ScheduledBackup} does this automatically when the newest verified backup is too old.
 */
package org.patronvault.upkeep.backup;

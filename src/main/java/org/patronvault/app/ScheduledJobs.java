package org.patronvault.app;

import java.time.Clock;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.store.Store;
import org.patronvault.upkeep.backup.Backup;
import org.patronvault.upkeep.backup.DailyCheckpoint;
import org.patronvault.upkeep.backup.ScheduledBackup;

/** The automatic exports of a vault, set in vault.yaml: daily checkpoints and backups. */
final class ScheduledJobs implements AutoCloseable {
    private final DailyCheckpoint checkpoint;
    private final ScheduledBackup backup;

    /** Creates the jobs without starting them. */
    ScheduledJobs(
            Home home, Settings settings, Store store, KeyCustody custody, AuditLog log, Access access, Clock clock) {
        this.checkpoint = new DailyCheckpoint(
                log, settings.log().dailyCheckpointOf(home), home.directory().toAbsolutePath(), home.node(), clock);
        this.backup = new ScheduledBackup(
                settings.backup().planOf(home),
                new Backup(store, custody, log, access, home.directory()),
                custody,
                log,
                home.node(),
                clock);
    }

    /** Exports a checkpoint if one is due. */
    void checkpoint() {
        checkpoint.turn();
    }

    /** Starts a backup if one is due. */
    void backup() {
        backup.turn();
    }

    @Override
    public void close() {
        backup.close();
    }
}

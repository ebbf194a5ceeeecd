package org.patronvault.upkeep;

import java.time.Clock;
import java.time.Duration;
import org.patronvault.custody.Backups;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;

/** How old the newest proved backup is, by the rows without their MACs: nothing is decided by it. */
public final class BackupAge {
    private final Store store;
    private final Clock clock;

    /** Of that vault, sealed or not. */
    public BackupAge(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Since its copy was begun; not a number while there is none, or the register cannot be read. */
    public double seconds() {
        try {
            return store.read(Backups::newestWritten)
                    .map(newest -> (double)
                            Duration.between(newest.made(), clock.instant()).toSeconds())
                    .orElse(Double.NaN);
        } catch (StoreException | IntegrityException e) {
            return Double.NaN;
        }
    }
}

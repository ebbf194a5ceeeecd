package org.patronvault.upkeep.check;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.upkeep.backup.Progress;

/** The check that the database finds all its rows. Counts and searches rely on it. */
final class DatabaseCheck {
    private DatabaseCheck() {}

    /**
     * Checks one table after the other.
     *
     * @param stopping whether to stop soon
     * @param rest called after each table with its start, by {@link System#nanoTime()}
     */
    static boolean isSound(Store store, Progress progress, BooleanSupplier stopping, LongConsumer rest) {
        List<String> tables = store.read(Tx::watched);
        boolean sound = true;
        for (int n = 0; n < tables.size(); n++) {
            String table = tables.get(n);
            progress.at("Checking the database itself", n, tables.size());
            long began = System.nanoTime();
            sound &= store.read(tx -> tx.isSound(table, stopping));
            rest.accept(began);
        }
        return sound;
    }
}

package org.patronvault.upkeep;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;

/** Whether the database finds all that is in it: who counts, or looks for what is left, takes its word. */
final class DatabaseCheck {
    private DatabaseCheck() {}

    /**
     * Looks at one table after the other.
     *
     * @param stopping whether to stop soon
     * @param rest told after each, by {@link System#nanoTime()}, when it was begun
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

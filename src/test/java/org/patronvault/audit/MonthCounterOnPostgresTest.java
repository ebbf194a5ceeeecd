package org.patronvault.audit;

import java.nio.file.Path;
import org.patronvault.store.StoreSettings;
import org.patronvault.testing.Postgres;

class MonthCounterOnPostgresTest extends MonthCounterContract {
    @Override
    LogTestVault vault(Path emptyDirectory) {
        return LogTestVault.create(
                LogTestVault.sharedKeys(), emptyDirectory, new StoreSettings(Postgres.databaseWithTables(), 4));
    }
}

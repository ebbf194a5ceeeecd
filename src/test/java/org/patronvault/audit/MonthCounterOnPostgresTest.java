package org.patronvault.audit;

import java.nio.file.Path;
import org.patronvault.store.StoreSettings;
import org.patronvault.testing.Postgres;

class MonthCounterOnPostgresTest extends MonthCounterContract {
    @Override
    TestVault vault(Path emptyDirectory) {
        return TestVault.create(
                TestVault.sharedKeys(), emptyDirectory, new StoreSettings(Postgres.databaseWithTables(), 4));
    }
}

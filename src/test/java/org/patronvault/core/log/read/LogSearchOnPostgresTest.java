package org.patronvault.core.log.read;

import java.nio.file.Path;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.Postgres;

class LogSearchOnPostgresTest extends LogSearchContract {
    @Override
    LogTestVault vault(Path emptyDirectory) {
        return LogTestVault.create(
                LogTestVault.sharedKeys(), emptyDirectory, new StoreSettings(Postgres.databaseWithTables(), 4));
    }
}

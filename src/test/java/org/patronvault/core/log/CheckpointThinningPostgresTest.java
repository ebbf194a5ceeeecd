package org.patronvault.core.log;

import java.nio.file.Path;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.Postgres;

class CheckpointThinningPostgresTest extends CheckpointThinningContract {
    @Override
    StoreSettings fresh(Path emptyDirectory) {
        return new StoreSettings(Postgres.databaseWithTables(), 4);
    }
}

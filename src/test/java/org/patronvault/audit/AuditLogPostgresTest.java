package org.patronvault.audit;

import java.nio.file.Path;
import org.patronvault.store.StoreSettings;
import org.patronvault.testing.Postgres;

class AuditLogPostgresTest extends AuditLogContract {
    @Override
    StoreSettings fresh(Path emptyDirectory) {
        return new StoreSettings(Postgres.databaseWithTables(), 4);
    }
}

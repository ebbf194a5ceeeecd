package org.patronvault.audit;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.store.StoreSettings;
import org.patronvault.testing.Postgres;

class PatronViewOnPostgresTest extends PatronViewContract {
    @TempDir
    Path home;

    @Override
    TestVault open() {
        return TestVault.create(TestVault.sharedKeys(), home, new StoreSettings(Postgres.freshDatabase(), 4));
    }
}

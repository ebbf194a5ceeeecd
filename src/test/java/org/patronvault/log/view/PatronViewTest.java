package org.patronvault.log.view;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.store.sql.StoreSettings;

class PatronViewTest extends PatronViewContract {
    @TempDir
    Path home;

    @Override
    LogTestVault open() {
        return LogTestVault.createIn(home);
    }

    @Override
    LogTestVault openUnderOwnKeys() throws IOException {
        Path own = Files.createDirectory(home.resolve("own"));
        Path keys = Files.createDirectory(home.resolve("keys"));
        return LogTestVault.create(
                OpenedKeys.create(keys, "vault-b", LogTestVault.CLOCK),
                own,
                StoreSettings.sqlite(own.resolve("vault.db")));
    }
}

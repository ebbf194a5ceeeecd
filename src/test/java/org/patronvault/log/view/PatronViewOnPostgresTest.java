package org.patronvault.log.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.Postgres;

class PatronViewOnPostgresTest extends PatronViewContract {
    @TempDir
    Path home;

    @Override
    LogTestVault open() {
        return LogTestVault.create(
                LogTestVault.sharedKeys(), home, new StoreSettings(Postgres.databaseWithTables(), 4));
    }

    @Override
    LogTestVault openUnderOwnKeys() throws IOException {
        Path own = Files.createDirectory(home.resolve("own"));
        Path keys = Files.createDirectory(home.resolve("keys"));
        return LogTestVault.create(
                OpenedKeys.create(keys, "vault-b", LogTestVault.CLOCK),
                own,
                new StoreSettings(Postgres.databaseWithTables(), 4));
    }

    @Test
    void blockOfAnotherNodeIsLeftToItUntilItAddsNoMorePages() {
        breakOff();
        try (Node other = new Node()) {
            other.filler.settle();
            assertThat(blocks()).isEmpty();
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(19));
            other.filler.settle();
            assertThat(blocks()).isEmpty();
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            other.filler.settle();
            assertThat(blocks()).hasSize(1);
        }
        node.filler.settle();
        oneBlockIsWholeAndNoneWasDamaged();
    }

    @Test
    void nodeGoesOnWithItsBlockWhileAnotherWaits() {
        breakOff();
        try (Node other = new Node()) {
            other.filler.settle();
            node.filler.settle();
            other.filler.settle();
        }
        oneBlockIsWholeAndNoneWasDamaged();
    }
}

package org.patronvault.log.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
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

    @Test
    void whoWasSlowerThanAnotherNodeLeavesItToThatOne() throws Exception {
        look(160, 2, 500);
        filler.turn();
        assertThat(state().to()).isPositive();
        look(160, 2, 501);
        Thread slower = new Thread(filler::step);
        vault.store.write(tx -> {
            slower.start();
            // It has read, and waits for its turn to write. On a server it would wait before it reads, too.
            while (!LogTestVault.isWaitingToWrite(slower)) {
                Thread.onSpinWait();
            }
            tx.removeFact(ViewState.FACT);
            return 0;
        });
        slower.join();
        filler.turn();
        assertThat(vault.store.<Optional<String>>read(tx -> tx.fact(ViewState.FACT)))
                .isEmpty();
        try (ViewFiller other = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            other.turn();
        }
        everyPatronHasTheEntriesThatNameHim();
        assertThat(state().to()).isGreaterThan(160);
    }
}

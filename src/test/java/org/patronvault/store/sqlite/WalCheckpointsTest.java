package org.patronvault.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;

/** The write-ahead log stays short while somebody writes all the time. */
class WalCheckpointsTest {
    private static final int PAGE_BYTES = 4_096;
    private static final int ROW_BYTES = 400_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void logStaysShortWhileSomebodyWritesWithoutAPause() throws Exception {
        Path file = directory.resolve("vault.db");
        Path log = directory.resolve("vault.db-wal");
        AtomicLong written = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        try (Store store = Store.open(StoreSettings.sqlite(file))) {
            Thread writer = new Thread(() -> {
                while (!over.get()) {
                    store.write(tx -> {
                        tx.setFact("filling", written.get() + "x".repeat(ROW_BYTES));
                        return null;
                    });
                    written.addAndGet(ROW_BYTES);
                }
            });
            writer.start();
            long limit = 4L * WalCheckpoints.PAGES * PAGE_BYTES;
            await().atMost(PATIENCE).until(() -> written.get() > 4 * limit);
            over.set(true);
            writer.join();

            assertThat(Files.size(log)).as("the log, of what was written").isLessThan(2 * limit);
        }
    }
}

package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.read.Tampering;
import org.patronvault.core.store.sql.StoreSettings;

/** The thinning contract on SQLite, and tests with changed entries. */
class CheckpointThinningTest extends CheckpointThinningContract {
    @Override
    StoreSettings fresh(Path emptyDirectory) {
        return StoreSettings.sqlite(emptyDirectory.resolve("vault.db"));
    }

    @Test
    void changedEntriesKeepTheirCheckpointsAndStopNothing() throws Exception {
        fillAt(every(Duration.ofMinutes(20), ago("P4D"), NEWEST));
        vault.log.checkpoint();
        byte[] first = vault.store.read(tx -> tx.log().leaf(0).orElseThrow());
        int all = sizes().size();
        try (Tampering tampering = new Tampering(vault)) {
            tampering.setLeaf(1, new byte[] {9});
            tampering.run("DELETE FROM access_log WHERE idx = 2");
            tampering.setLeaf(0, new byte[] {9});
            thinning().turn();
            assertThat(sizes()).as("of a log whose key cannot be read").hasSize(all);
            tampering.setLeaf(0, first);
            thinning().turn();
            assertThat(sizes()).hasSizeLessThan(all - 80).contains(2L, 3L).doesNotContain(4L);
        }
        assertThat(vault.broken).isEmpty();
    }
}

package org.patronvault.core.log.entry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.StoreSettings;

/** Tests of the month whose key seals an entry, at any clock, and of the entries left when that key is destroyed. */
final class ContentMonthTest {
    private LogTestVault vault;

    @BeforeEach
    void open(@TempDir Path directory) {
        vault = LogTestVault.create(
                OpenedKeys.create(directory.resolve("keys"), "vault-m", LogTestVault.CLOCK),
                directory,
                StoreSettings.sqlite(directory.resolve("vault.db")));
    }

    @AfterEach
    void close() {
        vault.close();
    }

    /** Appends an access to a patron at a time. Returns the month whose key seals the entry's subjects. */
    private int look(long patron, String time) {
        AccessEvent event = AccessEvent.of(
                        Instant.parse(time),
                        LogTestVault.CLERK,
                        ActKind.REVEAL,
                        Outcome.DISCLOSED,
                        AuditLog.newRequest())
                .on(List.of(Subject.opened(new PatronId(patron), Set.of(PatronField.CARD))));
        long index = vault.log.record(event).index();
        byte[] leaf = vault.store.read(tx -> tx.log().leaf(index)).orElseThrow();
        return Leaf.parse(leaf).month().orElseThrow();
    }

    private List<Integer> months() {
        return vault.custody.keys().inventory().stream()
                .filter(key -> key.name().equals(KeyName.LOG_CONTENT))
                .map(RingKey::version)
                .toList();
    }

    @Test
    void entryOfAClockSetBackBeforeAllMonthsIsSealedUnderTheNewestAndCanBeRead() {
        assertThat(look(1, "2026-11-24T10:00:00Z")).isEqualTo(202611);
        assertThat(look(2, "2031-03-01T00:00:00Z")).isEqualTo(203103);
        assertThat(look(3, "2027-01-31T23:59:59Z")).isEqualTo(202701);
        assertThat(look(4, "1970-01-01T00:00:30Z")).isEqualTo(203103);
        assertThat(look(5, "2026-10-31T23:59:59Z")).isEqualTo(203103);
        assertThat(months()).containsExactly(202611, 203103, 202701);
        for (long patron = 1; patron <= 5; patron++) {
            assertThat(vault.log.reader().about(new PatronId(patron))).hasSize(1);
        }
    }

    @Test
    void entryOfAMonthWhoseKeyIsDestroyedGoesUnderTheNewestAndItsOlderEntriesAreAboutNobody() {
        look(1, "2026-11-24T10:00:00Z");
        look(2, "2026-12-24T10:00:00Z");
        vault.custody.destroy(KeyName.LOG_CONTENT, 202611);

        assertThat(look(3, "2026-11-30T10:00:00Z")).isEqualTo(202612);
        assertThat(months()).containsExactly(202611, 202612);
        assertThat(vault.log.reader().about(new PatronId(1))).isEmpty();
        assertThat(vault.log.reader().about(new PatronId(2))).hasSize(1);
        assertThat(vault.log.reader().about(new PatronId(3))).hasSize(1);
        assertThat(vault.entries())
                .filteredOn(entry -> entry.event().act() == ActKind.REVEAL)
                .hasSize(3)
                .extracting(entry -> entry.event().subjects().size())
                .containsExactly(0, 1, 1);
        vault.log.checkpoint();
        assertThat(LogVerifier.verify(vault.store, List.of()).problems()).isEmpty();
    }

    @Test
    void whereNoKeyIsLeftTheMonthAfterTheNewestHasOne() {
        look(1, "2026-12-24T10:00:00Z");
        vault.custody.destroy(KeyName.LOG_CONTENT, 202612);
        assertThat(look(2, "1970-01-01T00:00:00Z")).isEqualTo(202701);
        assertThat(look(3, "2026-12-24T10:00:00Z")).isEqualTo(202701);
        assertThat(look(4, "2027-01-01T00:00:00Z")).isEqualTo(202701);
        assertThat(months()).containsExactly(202612, 202701);
        assertThat(vault.entries())
                .filteredOn(entry -> entry.event().act() == ActKind.NEW_KEY)
                .hasSize(2);
    }
}

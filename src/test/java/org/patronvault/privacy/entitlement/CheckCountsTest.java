package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.testing.OpenVault;

/** Tests that each count is in the log once, whatever happens to the log meanwhile. */
@Timeout(60)
final class CheckCountsTest {
    private static final Actor HOOPLA =
            OpenVault.client("hoopla", "entitlement").actor();

    private static void count(CheckCounts counts) {
        counts.count(HOOPLA, Optional.of("ebooks"), Optional.empty());
    }

    private static List<Long> logged(OpenVault vault, long from) {
        return vault.logSince(from).stream()
                .filter(entry -> entry.outcome() == Outcome.COUNTED)
                .map(entry -> entry.count().orElseThrow())
                .toList();
    }

    /** The log is so slow that a desk would give up waiting for an entry; then the entry must not be counted again. */
    @Test
    void slowLogHasEachCountOnce() throws Exception {
        try (OpenVault vault = OpenVault.onSqlite()) {
            AuditLog log = vault.vault().log();
            CheckCounts counts = new CheckCounts(log);
            AccessEvent event = log.event(HOOPLA, ActKind.ENTITLEMENT, Outcome.REFUSED, AuditLog.newRequest());
            long from = vault.logSize();
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch free = new CountDownLatch(1);
            CompletableFuture<AuditReceipt> slow = log.submit(
                    AuditLog.writing(event, now -> {
                        held.countDown();
                        awaited(free);
                        return Decision.done(event);
                    }),
                    Lane.DESK);
            held.await();
            count(counts);
            CompletableFuture<Void> logging = CompletableFuture.runAsync(counts::log);
            CompletableFuture<AuditReceipt> impatient = log.submit(AuditLog.entry(event), Lane.DESK);
            assertThatThrownBy(() -> AuditLog.await(impatient)).isInstanceOf(Refused.class);
            assertThat(logging).isNotDone();
            count(counts);
            free.countDown();
            logging.join();
            assertThat(slow).isDone();

            counts.log();
            counts.log();

            assertThat(logged(vault, from)).containsExactly(1L, 1L);
        }
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatCannotBeWrittenIsCountedOnUntilItCanBe() throws SQLException {
        try (OpenVault vault = OpenVault.onSqlite();
                Connection behind = vault.connect();
                Statement statement = behind.createStatement()) {
            CheckCounts counts = new CheckCounts(vault.vault().log());
            count(counts);
            long from = vault.logSize();
            statement.execute("CREATE TRIGGER full_disk BEFORE UPDATE ON log_head"
                    + " BEGIN SELECT RAISE(ABORT, 'disk full'); END");
            assertThatThrownBy(counts::log).isInstanceOf(StoreException.class);
            statement.execute("DROP TRIGGER full_disk");
            count(counts);
            counts.log();
            counts.log();
            assertThat(logged(vault, from)).containsExactly(2L);
        }
    }
}

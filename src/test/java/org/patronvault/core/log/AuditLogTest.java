package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.WriteTx;

/** The log's contract on SQLite, and tests with a blocked database. */
class AuditLogTest extends AuditLogContract {
    @Override
    StoreSettings fresh(Path emptyDirectory) {
        return StoreSettings.sqlite(emptyDirectory.resolve("vault.db"));
    }

    @Test
    void aLockedDatabaseIsToldInTwoSecondsAndNothingIsDoneLater() throws Exception {
        Act<AuditReceipt> unit = vault.registering(1);
        try (Connection other = DriverManager.getConnection(vault.settings.jdbcUrl());
                var statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            Instant begun = Instant.now();
            assertRefused(Problem.LOG_UNAVAILABLE, () -> vault.log.call(unit, Lane.DESK));
            assertThat(Duration.between(begun, Instant.now()))
                    .isBetween(Duration.ofMillis(1_500), Duration.ofMillis(2_900));
            statement.execute("ROLLBACK");
        }
        vault.log.call(vault.registering(2), Lane.DESK);
        assertThat(vault.isStored(1)).isFalse();
        assertThat(vault.isStored(2)).isTrue();
        assertThat(vault.entryOf(unit.attempt())).isEmpty();
        assertThat(vault.broken).isEmpty();
    }

    @Test
    void aUnitThatCanNoLongerBeCalledOffIsNotSaidToBeUndone() {
        CountDownLatch release = new CountDownLatch(1);
        AccessEvent event = vault.register(1);
        CompletableFuture<AuditReceipt> slow = vault.log.submit(
                AuditLog.writing(event, now -> {
                    WriteTx tx = now.tx();
                    awaitLatch(release);
                    LogTestVault.insert(tx, 1);
                    return Decision.done(event);
                }),
                Lane.DESK);
        assertThatThrownBy(() -> AuditLog.await(slow))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("not known")
                .hasMessageNotContaining("nothing was done");
        release.countDown();
        vault.log.call(vault.registering(2), Lane.DESK);
        assertThat(vault.isStored(1)).isTrue();
        assertThat(vault.entryOf(event)).isPresent();
    }

    @Test
    void aFullDiskIsToldAndTheLogStaysSound() throws Exception {
        vault.close();
        Files.createDirectories(directory.resolve("small"));
        StoreSettings small = new StoreSettings(
                StoreSettings.sqlite(directory.resolve("small/vault.db")).jdbcUrl() + "?max_page_count=60", 2);
        vault = LogTestVault.create(LogTestVault.sharedKeys(), directory.resolve("small"), small);
        AccessEvent event = vault.register(1);
        Act<AuditReceipt> tooMuch = AuditLog.writing(event, now -> {
            WriteTx tx = now.tx();
            for (int i = 1; i < 2_000; i++) {
                LogTestVault.insert(tx, i);
            }
            return Decision.done(event);
        });
        assertRefused(Problem.STORE_FULL, () -> vault.log.call(tooMuch, Lane.DESK));
        assertThat(vault.isStored(1)).isFalse();
        assertThat(vault.entryOf(event)).isEmpty();
        vault.log.call(vault.registering(2), Lane.DESK);
        assertThat(vault.isStored(2)).isTrue();
        assertThat(LogVerifier.verify(vault.store, java.util.List.of()).problems())
                .isEmpty();
        assertThat(vault.broken).isEmpty();
    }

    @Test
    void anErrorInTheWriterIsReportedAndDoesNotLeaveCallersWaiting() {
        assertThatThrownBy(() -> vault.log.call(
                        AuditLog.writing(vault.register(1), now -> {
                            WriteTx tx = now.tx();
                            LogTestVault.insert(tx, 1);
                            throw new StackOverflowError();
                        }),
                        Lane.DESK))
                .isInstanceOf(IllegalStateException.class);
        assertThat(vault.broken).hasSize(1);
        assertThat(vault.isStored(1)).isFalse();
        // Whether or not it is written by then, nothing is acknowledged any more.
        assertRefused(Problem.LOG_UNAVAILABLE, () -> vault.log.call(vault.registering(2), Lane.DESK));
    }

    @Test
    void closingFinishesWhatIsQueuedAndRefusesWhatComesLater() throws Exception {
        var queued = together(java.util.List.of(vault.registering(1), vault.registering(2)));
        vault.log.close();
        for (var future : queued) {
            assertThat(future.get(5, TimeUnit.SECONDS).index()).isPositive();
        }
        assertRefused(Problem.LOG_UNAVAILABLE, () -> vault.log.call(vault.registering(3), Lane.DESK));
        assertThat(vault.isStored(2)).isTrue();
        assertThat(vault.isStored(3)).isFalse();
    }

    @Test
    void aCheckpointIsSignedOnceForEachSizeAndLiesInPublished() throws Exception {
        vault.fill(5);
        SignedCheckpoint first = vault.log.checkpoint();
        assertThat(first.size()).isEqualTo(6);
        assertThat(vault.log.checkpoint()).isEqualTo(first);
        assertThat(directory.resolve("published/checkpoint")).hasContent(first.note());
        assertThat(Files.readString(directory.resolve("published/log.vkey"))).startsWith("patron-vault/vault-a+");
        vault.fill(1);
        assertThat(vault.log.checkpoint().size()).isEqualTo(7);
        assertThat(vault.log.lastCheckpoint().orElseThrow().size()).isEqualTo(7);
    }

    @Test
    void whatThisNodeKnowsDoesNotHangOnWhetherPublishedCanBeWritten() throws Exception {
        vault.fill(5);
        vault.log.checkpoint();
        byte[] known = Files.readAllBytes(vault.logHead());
        Path published = directory.resolve("published");
        Path aside = directory.resolve("aside");
        Files.move(published, aside);
        Files.createFile(published);
        vault.fill(3);
        assertThat(vault.log.checkpoint().size()).isEqualTo(9);
        assertThatThrownBy(vault.log::publishedCheckpoint).isInstanceOf(DurableFile.Unwritable.class);
        assertThat(vault.log.signedHere().orElseThrow().size()).isEqualTo(9);
        assertThat(Files.readAllBytes(vault.logHead())).isNotEqualTo(known);

        Files.delete(published);
        Files.move(aside, published);
        SignedCheckpoint now = vault.log.checkpoint();
        assertThat(now.size()).isEqualTo(9);
        assertThat(published.resolve("checkpoint")).hasContent(now.note());
    }
}

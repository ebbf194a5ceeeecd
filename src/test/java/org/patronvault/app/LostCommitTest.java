package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.StorageOutage;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.testing.CutLine;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Postgres;

/** Tests of a connection lost during a commit: the reported result is the stored one. */
@Timeout(120)
final class LostCommitTest {
    private OpenVault direct;
    private CutLine line;
    private OpenVault vault;

    @BeforeEach
    void open() {
        direct = OpenVault.onPostgres();
        URI server = URI.create(direct.jdbcUrl().substring("jdbc:".length()));
        line = CutLine.to(server.getPort());
        vault = direct.anotherBy(direct.jdbcUrl().replace(":" + server.getPort() + "/", ":" + line.port() + "/"));
    }

    @AfterEach
    void close() {
        vault.close();
        line.close();
        direct.close();
    }

    @Test
    void whatWasCommittedIsToldAsDoneAndIsThereOnce() {
        for (int n = 0; n < LongRun.times(3, 10); n++) {
            long from = direct.logSize();
            line.cutAtCommit();
            PatronId id = vault.register("'card':'C" + n + "','name':{'family':'Cut'}");
            assertThat(line.cuts()).isEqualTo(n + 1);
            assertThat(direct.reveal(id).card()).contains("C" + n);
            assertThat(direct.logSince(from))
                    .filteredOn(entry -> entry.act() == ActKind.REGISTER)
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.outcome()).isEqualTo(Outcome.WRITTEN));
        }
        assertThat(vault.vault().log().checkpoint().note())
                .isEqualTo(direct.vault().log().checkpoint().note());
    }

    @Test
    void revealThatWasCommittedOpensAndOneThatWasNotOpensNothing() {
        PatronId id = vault.register("'card':'V1','name':{'family':'Cut'}");
        long from = direct.logSize();
        line.cutAtCommit();
        assertThat(vault.reveal(id).card()).contains("V1");
        assertThat(direct.logSince(from))
                .filteredOn(entry -> entry.act() == ActKind.REVEAL)
                .hasSize(1);
    }

    @Test
    void whatWasNotCommittedIsRefusedAndIsNotThere() throws Exception {
        long from = direct.logSize();
        AccessEvent event =
                vault.vault().log().event(Actor.VAULT, ActKind.READ_LOG, Outcome.SEARCHED, AuditLog.newRequest());
        CountDownLatch under = new CountDownLatch(1);
        CountDownLatch cut = new CountDownLatch(1);
        CompletableFuture<AuditReceipt> lost = vault.vault()
                .log()
                .submit(
                        AuditLog.writing(event, now -> {
                            under.countDown();
                            await(cut);
                            return Decision.done(event);
                        }),
                        Lane.BULK);
        under.await();
        line.cut();
        cut.countDown();
        assertThatThrownBy(() -> AuditLog.await(lost))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.LOG_UNAVAILABLE))
                .hasMessageContaining("nothing was done");
        assertThat(direct.logSince(from)).noneMatch(entry -> entry.act() == ActKind.READ_LOG);
        assertThat(registered("'card':'N1','name':{'family':'After'}")).isNotNull();
    }

    @Test
    void writerOfTheLogOutlivesALostCommitWhileTheDatabaseIsSetWeak() {
        AccessEvent event =
                vault.vault().log().event(Actor.VAULT, ActKind.READ_LOG, Outcome.SEARCHED, AuditLog.newRequest());
        CompletableFuture<AuditReceipt> lost;
        try {
            lost = vault.vault()
                    .log()
                    .submit(
                            AuditLog.writing(event, now -> {
                                set("SET log_parameter_max_length_on_error = '-1'");
                                awaitWeak(true);
                                line.cutAtCommit();
                                return Decision.done(event);
                            }),
                            Lane.BULK);
            Awaitility.await().until(() -> line.cuts() == 1);
            assertThat(lost).isNotDone();
        } finally {
            set("RESET log_parameter_max_length_on_error");
        }
        awaitWeak(false);
        assertThat(AuditLog.await(lost)).isNotNull();
        assertThat(registered("'card':'W1','name':{'family':'After'}")).isNotNull();
    }

    private void set(String setting) {
        Postgres.execute(direct.jdbcUrl(), "ALTER SYSTEM " + setting);
        Postgres.execute(direct.jdbcUrl(), "SELECT pg_reload_conf()");
    }

    private void awaitWeak(boolean weak) {
        Awaitility.await().ignoreExceptions().until(() -> {
            vault.vault().store().look();
            return vault.vault().store().weakness().isPresent() == weak;
        });
    }

    /** Each connection that was cut and is idle fails once, and passes. */
    private PatronId registered(String patron) {
        while (true) {
            try {
                return vault.register(patron);
            } catch (StoreException e) {
                assertThat(StorageOutage.of(e)).isPresent();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.patronvault.patron.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.record.SubjectAccessRecord;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests that a package counts as an opened patron, and bypasses no limit. */
final class SubjectAccessTest {
    private static final int TEN_MINUTES = 60;

    private static OpenVault vault;
    private static List<PatronId> everybody;

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(TEN_MINUTES + 1), false, n -> {});
        everybody = vault.vault().store().read(tx -> tx.patrons().idsAfter(Long.MIN_VALUE, 100));
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static SubjectAccessRecord open(Caller caller, PatronId id) {
        return vault.patrons()
                .packaging()
                .open(caller, Optional.of(id), () -> "", AuditLog.newRequest())
                .patron();
    }

    @Test
    void eachPatronCountsOnceAndTheOneOverTheLimitIsRefused() {
        Caller officer = OpenVault.person("privacy-officer", true);
        everybody.subList(0, TEN_MINUTES).forEach(id -> open(officer, id));
        open(officer, everybody.get(0));
        assertThatThrownBy(() -> open(officer, everybody.get(TEN_MINUTES)))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.REVEAL_LIMIT));
    }

    @Test
    void whatWasSentIsReadOnlyOnceThePatronWasFoundAndThePolicyAsked() {
        Caller clerk = OpenVault.person("circulation");
        assertThatThrownBy(() -> vault.patrons()
                        .packaging()
                        .open(
                                clerk,
                                Optional.of(everybody.get(0)),
                                () -> {
                                    throw new AssertionError("read too early");
                                },
                                AuditLog.newRequest()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
        assertThatThrownBy(() -> vault.patrons()
                        .packaging()
                        .open(
                                OpenVault.person("privacy-officer"),
                                Optional.empty(),
                                () -> {
                                    throw new AssertionError("read too early");
                                },
                                AuditLog.newRequest()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
    }

    @Test
    void whatIsOpenedPrintsNothing() {
        assertThat(open(OpenVault.person("director"), everybody.get(0))).hasToString("[REDACTED]");
    }
}

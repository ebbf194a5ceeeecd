package org.patronvault.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.patron.lookup.IdentityVerification;
import org.patronvault.patron.transfer.BatchReveal;
import org.patronvault.testing.DamagedSchema;
import org.patronvault.testing.OpenVault;

/** Tests that a changed table counts as ordinary damage, and not as an impossible state. */
final class DamagedSchemaTest {
    @Test
    void whoReadsIsRefusedAndTheLogHasItWithAnAlert() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            PatronId id = vault.register("'card':'D1','name':{'family':'D'}");
            vault.whileStopped(() -> DamagedSchema.rename(vault.home().database(), "patron", "expires"));
            assertToldOf(vault, () -> vault.reveal(id));
            assertToldOf(vault, () -> vault.find("D1", Set.of(PatronField.NAME)));
            assertToldOf(
                    vault,
                    () -> vault.patrons()
                            .verification()
                            .verify(
                                    OpenVault.person("circulation"),
                                    Optional.of(id),
                                    Map.of(IdentityVerification.Claim.FAMILY, "D"),
                                    Optional.empty(),
                                    AuditLog.newRequest()));
            BatchReveal.Request both = new BatchReveal.Request(
                    List.of(Optional.of(id)),
                    Set.of(PatronField.NAME),
                    Optional.of(Purpose.ACCOUNT_SERVICE),
                    Optional.empty());
            assertToldOf(
                    vault,
                    () -> AuditLog.await(vault.patrons()
                            .batchReveal()
                            .reveal(OpenVault.client("koha", "ils"), both, AuditLog.newRequest())));
        }
    }

    private static void assertToldOf(OpenVault vault, ThrowingCallable look) {
        long before = vault.logSize();
        assertThatThrownBy(look).isInstanceOf(IntegrityException.class);
        assertThat(vault.logSince(before))
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.FAILED, Outcome.ALERT);
    }
}

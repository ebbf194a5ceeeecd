package org.patronvault.custody.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.keys.Drill;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;

/** Tests of the log entries about drills. */
final class DrillEntriesTest {
    private static final Actor CORA = OpenVault.person("custodian").actor();

    private static OpenVault vault;

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static AccessEvent last() {
        return vault.logSince(vault.logSize() - 1).get(0);
    }

    @Test
    void proofThatFailsIsLoggedWithWhoTriedIt() {
        Slots slots = vault.vault().slots();
        try (Drill drill = slots.drill()) {
            assertThatThrownBy(() -> slots.tried(CORA, OptionalInt.empty(), () -> drill.share("no such words")))
                    .isInstanceOf(Refused.class);
        }
        assertThat(last().act()).isEqualTo(ActKind.DRILL);
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(last().actor()).isEqualTo(CORA);
        assertThat(last().about()).isEmpty();
    }

    @Test
    void machineThatDoesNotAnswerIsLoggedWithItsSlot() {
        Slots slots = vault.vault().slots();
        assertThatThrownBy(() -> slots.tried(Actor.NOBODY, OptionalInt.of(2), () -> {
                    throw new Refused(Problem.BUSY, "It does not answer.", 1);
                }))
                .isInstanceOf(Refused.class);
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(last().about()).contains("slot-2");
    }

    @Test
    void sharesThatAreTooFewAreLoggedAsFailed() {
        vault.vault().slots().proved(CORA, 1, 2, false);
        assertThat(last().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(last().count()).hasValue(2);
        vault.vault().slots().proved(CORA, 1, 3, true);
        assertThat(last().outcome()).isEqualTo(Outcome.KEY);
    }
}

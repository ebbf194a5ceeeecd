package org.patronvault.custody.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.ShareCards;

/** Tests of drills to which people come one after the other. */
final class DrillsTest {
    private static final Actor CORA = new Actor(Actor.Kind.STAFF, "cora", "custodian", "");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    private final AtomicLong nanos = new AtomicLong();
    private OpenVault vault;
    private Drills drills;
    private List<String> cards;

    @BeforeEach
    void addASlotOfThreeShares() {
        vault = OpenVault.onSqlite();
        cards = ShareCards.addTo(vault.vault(), 3, 2);
        drills = new Drills(vault.vault().custody(), vault.vault().log(), nanos::get);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private AccessEvent last() {
        return vault.logSince(vault.logSize() - 1).get(0);
    }

    @Test
    void sharesAreCountedUntilTheyOpenTheSlotAndEachIsInTheLog() {
        Drills.SlotProgress first = drills.share(CORA, cards.get(0));
        assertThat(first.have()).isEqualTo(1);
        assertThat(first.need()).isEqualTo(2);
        assertThat(first.opened()).isFalse();
        assertThat(last().act()).isEqualTo(ActKind.DRILL);
        assertThat(last().actor()).isEqualTo(CORA);
        assertThat(last().outcome()).isEqualTo(Outcome.COUNTED);
        assertThat(last().about()).contains("slot-2");
        assertThat(drills.share(CORA, cards.get(2)).opened()).isTrue();
        assertThat(last().outcome()).isEqualTo(Outcome.KEY);
        assertThat(last().count()).hasValue(2);
        assertThat(drills.soFar(CORA))
                .hasSize(1)
                .first()
                .satisfies(slot -> assertThat(slot.openedBy()).isEqualTo("any 2 of 3 shares"));
        assertThat(drills.soFar(CARL)).as("another's drill").isEmpty();
    }

    @Test
    void wrongCardIsRefusedLoggedAndLosesNothing() {
        drills.share(CORA, cards.get(0));
        assertThatThrownBy(() -> drills.share(CORA, cards.get(0)))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.SHARE_DUPLICATE));
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
        assertThatThrownBy(() -> drills.share(CORA, "no such words")).isInstanceOf(Refused.class);
        assertThat(drills.share(CORA, cards.get(1)).opened()).isTrue();
    }

    @Test
    void whatWasProvedIsForgottenAfterAQuarterOfAnHourAtTheEndAndWhenSealed() {
        drills.share(CORA, cards.get(0));
        nanos.addAndGet(Duration.ofMinutes(14).toNanos());
        assertThat(drills.soFar(CORA)).hasSize(1);
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(drills.soFar(CORA)).isEmpty();
        drills.share(CORA, cards.get(0));
        drills.end(CORA);
        assertThat(drills.soFar(CORA)).isEmpty();
        Drills ofTheVault = vault.vault().slots().drills();
        ofTheVault.share(CORA, cards.get(0));
        vault.vault().seal().seal(OpenVault.person("custodian"), new byte[16]);
        assertThat(ofTheVault.soFar(CORA)).isEmpty();
    }

    @Test
    void passphraseThatOpensNothingIsRefusedInASentence() {
        assertThatThrownBy(() -> drills.passphrase(CORA, "not one of any slot".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Refused.class)
                .hasMessage("No slot opens with that.");
        assertThat(last().act()).isEqualTo(ActKind.DRILL);
        assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
    }
}

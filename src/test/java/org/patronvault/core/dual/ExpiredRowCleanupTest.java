package org.patronvault.core.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.policy.Caller;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExpiredRowCleanupTest {
    private static final Actor ADMIN = new Actor(Actor.Kind.STAFF, "root", "admin", "");
    private static final Duration DAY = Duration.ofDays(1);

    /** For so long a clock must have gone on as it does before anything is removed by it. */
    private static final Duration EVEN = Duration.ofHours(6);

    private AccessTestVault vault;
    private Actor anna;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @BeforeEach
    void employOnlyAnna() {
        vault = vault.next();
        vault.clock.set(AccessTestVault.MORNING);
        vault.restart();
        vault.advance(EVEN);
        anna = vault.staff("anna", "circulation");
    }

    @AfterAll
    void close() {
        vault.close();
    }

    private String begin() {
        return vault.access()
                .sessions()
                .begin(AccessTestVault.proven(anna), Optional.empty())
                .token();
    }

    private void guess(String name) {
        assertThat(Refusals.problemOf(
                        () -> vault.access().signIn().prove(name, "not that password", SignInOrigin.of("10.0.0.7"))))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
    }

    @Test
    void sessionsThatAreOverAreRemovedAndOpenOnesStay() {
        String ended = begin();
        String open = begin();
        vault.access().sessions().end(ended);
        assertThat(vault.access().tidy()).isEqualTo(1);
        assertThat(vault.names("session"))
                .containsExactly(vault.access().sessions().idOf(open));
        assertThat(vault.access().resolve(open).actor()).isEqualTo(anna);
        assertThat(Refusals.problemOf(() -> vault.access().resolve(ended))).isEqualTo(Problem.NOT_SIGNED_IN);

        AccessEvent entry = vault.lastEntry();
        assertThat(entry.act()).isEqualTo(ActKind.TIDY);
        assertThat(entry.actor()).isEqualTo(Actor.VAULT);
        assertThat(entry.count()).hasValue(1);

        vault.advance(Duration.ofHours(12));
        assertThat(vault.access().tidy()).isEqualTo(1);
        assertThat(vault.names("session")).isEmpty();
    }

    @Test
    void sessionsOfAChangedAccountAreRemoved() {
        begin();
        begin();
        vault.access().accounts().disable(Approvals.Requester.alone(ADMIN), "anna");
        assertThat(vault.access().tidy()).isEqualTo(2);
    }

    @Test
    void wrongPasswordsAreForgottenADayLaterAndNoSooner() {
        for (int i = 0; i < 5; i++) {
            guess("anna");
        }
        guess("nobody.here");
        // Two for each account, everywhere and in this network, and one for the network.
        assertThat(vault.names("lockout")).hasSize(5);
        vault.advance(DAY);
        assertThat(vault.access().tidy()).isZero();
        vault.advance(Duration.ofSeconds(31));
        assertThat(vault.access().tidy()).isEqualTo(5);
        assertThat(vault.names("lockout")).isEmpty();
        guess("anna");
    }

    @Test
    void limitsOfAnotherDayAreRemovedWithThePatronsThatWereOpened() {
        Caller clerk = AccessTestVault.person("anna", "circulation");
        vault.take(vault.access().limits().of(clerk, List.of(new PatronId(1), new PatronId(2)), 0, 1));
        assertThat(vault.count("SELECT count(*) FROM limit_seen")).isEqualTo(2);
        assertThat(vault.access().tidy()).isZero();
        vault.advance(DAY);
        assertThat(vault.access().tidy()).isEqualTo(1);
        assertThat(vault.names("limit")).isEmpty();
        assertThat(vault.count("SELECT count(*) FROM limit_seen")).isZero();
    }

    /** A clock that was set, or was not yet seen running for long, is no reason to remove rows for good. */
    @Test
    void clockThatIsAheadForAWhileRemovesNothing() {
        String session = begin();
        guess("anna");
        Caller clerk = AccessTestVault.person("anna", "circulation");
        vault.take(vault.access().limits().of(clerk, List.of(new PatronId(1)), 0, 1));
        vault.take(vault.access().limits().verifying(new PatronId(1)));
        long rows = vault.count("SELECT count(*) FROM authority");
        vault.clock.advance(Duration.ofDays(40));
        assertThat(vault.access().tidy()).isZero();
        vault.advance(EVEN.minusSeconds(1));
        assertThat(vault.access().tidy()).isZero();
        // A process that starts while it is ahead knows no better, and waits too.
        vault.restart();
        assertThat(vault.access().tidy()).isZero();
        vault.advance(EVEN.minusSeconds(1));
        assertThat(vault.access().tidy()).isZero();
        vault.clock.set(AccessTestVault.MORNING.plus(EVEN).plus(Duration.ofMinutes(10)));
        assertThat(vault.access().tidy()).isZero();
        assertThat(vault.count("SELECT count(*) FROM authority")).isEqualTo(rows);
        assertThat(vault.access().resolve(session).actor()).isEqualTo(anna);
    }

    @Test
    void clockThatStaysAsItWasSetIsBelievedInTheEnd() {
        begin();
        vault.clock.advance(Duration.ofDays(40));
        assertThat(vault.access().tidy()).isZero();
        vault.advance(EVEN);
        assertThat(vault.access().tidy()).isEqualTo(1);
    }

    @Test
    void rowThatSomebodyEditedKeepsNoOtherKindForEver() {
        vault.access().sessions().end(begin());
        vault.take(vault.access().limits().of(AccessTestVault.person("anna", "circulation"), List.of(), 0, 1));
        assertThat(vault.tamper("UPDATE authority SET body = body || ' ' WHERE kind = 'limit'"))
                .isEqualTo(1);
        assertThatThrownBy(() -> vault.access().tidy()).isInstanceOf(IntegrityException.class);
        assertThat(vault.names("session")).isEmpty();
    }

    @Test
    void windowThatReachesOverMidnightStillCounts() {
        vault.advance(Duration.ofHours(8).plusMinutes(58));
        vault.take(vault.access().limits().of(AccessTestVault.person("anna", "circulation"), List.of(), 0, 1));
        vault.advance(Duration.ofMinutes(5));
        assertThat(vault.access().tidy()).isZero();
        vault.advance(Duration.ofMinutes(10));
        assertThat(vault.access().tidy()).isEqualTo(1);
    }

    @Test
    void failedVerifiesAreForgottenAfterTheirHour() {
        vault.take(vault.access().limits().verifying(new PatronId(1)));
        vault.advance(Duration.ofMinutes(59));
        assertThat(vault.access().tidy()).isZero();
        vault.advance(Duration.ofMinutes(1));
        assertThat(vault.access().tidy()).isEqualTo(1);
        assertThat(vault.names("limit-verify")).isEmpty();
    }

    @Test
    void turnTakesSoManyRowsAndTheNextOneGoesOnThere() {
        for (int patron = 1; patron <= 620; patron += 20) {
            int first = patron;
            vault.write(tx -> {
                for (int i = first; i < first + 20; i++) {
                    vault.access().limits().verifying(new PatronId(i)).take(tx);
                }
            });
        }
        vault.advance(Duration.ofHours(1));
        assertThat(List.of(
                        vault.access().tidy(),
                        vault.access().tidy(),
                        vault.access().tidy()))
                .containsExactly(500, 120, 0);
    }

    @Test
    void accountsClientsAndFactorsStay() {
        vault.access().secondFactor().begin(AccessTestVault.proven(anna));
        vault.advance(Duration.ofDays(400));
        assertThat(vault.access().tidy()).isZero();
        assertThat(vault.names("staff")).containsExactly("anna");
        assertThat(vault.names("second-factor")).containsExactly("anna");
    }

    @Test
    void digestHoldsAfterRowsWereRemoved() {
        vault.access().sessions().end(begin());
        assertThat(vault.access().tidy()).isEqualTo(1);
        vault.restart();
        vault.advance(EVEN);
        assertThat(vault.access().resolve(begin()).actor()).isEqualTo(anna);
        assertThat(vault.broken).isEmpty();
    }
}

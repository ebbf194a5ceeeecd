package org.patronvault.custody.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;

/** Tests of the log entries about tries to unseal. */
final class SealControlTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void everyWrongTryIsCountedInTheLogWhenTheVaultOpens() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            SealControl control = vault.vault().seal();
            long before = vault.logSize();
            control.seal(OpenVault.person("custodian"), AuditLog.newRequest());
            tryWrongWords(control, 5);
            vault.unseal();
            long counted = vault.logSince(before).stream()
                    .filter(event -> event.act() == ActKind.UNSEAL && event.outcome() == Outcome.FAILED)
                    .mapToLong(event -> event.count().orElse(1))
                    .sum();
            assertThat(counted).isEqualTo(5);
        }
    }

    @Test
    void sixRefusedTriesAreAnAlertWhileItIsStillSealedAndMistypingBeforeAnOpeningIsNone() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            SealControl control = vault.vault().seal();
            long before = vault.logSize();
            for (int opening = 0; opening < 2; opening++) {
                control.seal(OpenVault.person("custodian"), AuditLog.newRequest());
                tryWrongWords(control, 5);
                vault.unseal();
            }
            assertThat(alerts(vault, before)).isEmpty();
            control.seal(OpenVault.person("custodian"), AuditLog.newRequest());
            tryWrongWords(control, 6);
            control.logRest();
            assertThat(vault.vault().custody().isSealed()).isTrue();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(vault.vault().alerts().count(Alert.UNSEAL_REFUSED))
                            .isPositive());
            tryWrongWords(control, 12);
            vault.unseal();
            assertThat(alerts(vault, before)).as("once an hour").containsExactly("unseal-refused");
        }
    }

    private static void tryWrongWords(SealControl control, int times) {
        for (int i = 0; i < times; i++) {
            assertThatThrownBy(() -> control.offerShare("no such words")).isInstanceOf(Refused.class);
        }
    }

    private static List<String> alerts(OpenVault vault, long from) {
        return vault.logSince(from).stream()
                .filter(event -> event.outcome() == Outcome.ALERT)
                .map(event -> event.about().orElseThrow())
                .toList();
    }

    @Test
    void refusalsBeyondThoseWithAnEntryOfTheirOwnAreCountedBeforeTheKeysGo() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            PatronId ann = vault.register("'card':'A1','name':{'family':'Ames'}");
            long before = vault.logSize();
            for (int i = 0; i < 700; i++) {
                assertThatThrownBy(() -> reveal(vault, ann)).isInstanceOf(Refused.class);
            }
            vault.vault().seal().seal(OpenVault.person("custodian"), AuditLog.newRequest());
            vault.unseal();
            long counted = vault.logSince(before).stream()
                    .filter(event -> event.outcome() == Outcome.REFUSED)
                    .mapToLong(event -> event.count().orElse(1))
                    .sum();
            assertThat(counted).isEqualTo(700);
        }
    }

    @Test
    void whateverKeepsItFromServingLeavesNoKeysInMemoryAndItOpensTheNextTime() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            SealControl control = new SealControl(
                    vault.vault().store(),
                    vault.vault().custody(),
                    vault.vault().log(),
                    vault.vault().access(),
                    () -> {
                        throw new OutOfMemoryError("Java heap space");
                    });
            assertThatThrownBy(() -> control.begin(Actor.VAULT)).isInstanceOf(OutOfMemoryError.class);
            assertThat(vault.vault().custody().isSealed()).isTrue();
            assertThat(control.progress().sealed()).isTrue();
            assertThat(control.mayOpenItself()).isTrue();
            vault.unseal();
            assertThat(vault.vault().seal().isSealed()).isFalse();
        }
    }

    @Test
    void openingThatIsVoidSinceTheKeysWereWipedMeanwhileLeavesNoneInMemory() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            KeyCustody custody = vault.vault().custody();
            SealControl control = vault.vault().seal();
            control.seal(OpenVault.person("custodian"), AuditLog.newRequest());
            control.reserve();
            // As a try beside it that fails does, before this one has opened anything.
            custody.seal();
            assertThatThrownBy(() -> control.finish(() -> {
                        OpenedKeys.open(custody, vault.home().keys());
                        return true;
                    }))
                    .hasMessageContaining("sealed meanwhile");
            assertThat(custody.isSealed()).isTrue();
            vault.unseal();
            assertThat(control.isSealed()).isFalse();
        }
    }

    @Test
    void openingThatFailsWipesNoKeysThatSomebodyOpenedAfterIt() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            KeyCustody custody = vault.vault().custody();
            SealControl control = new SealControl(
                    vault.vault().store(),
                    custody,
                    vault.vault().log(),
                    vault.vault().access(),
                    () -> {
                        custody.seal();
                        OpenedKeys.open(custody, vault.home().keys());
                    });
            assertThatThrownBy(() -> control.begin(Actor.VAULT)).hasMessageContaining("sealed meanwhile");
            assertThat(custody.isSealed()).isFalse();
        }
    }

    @Test
    void triesThatWereHeldBackByTheHourAreNotForgottenWhenItOpens() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            FailedTries failed = new FailedTries(vault.vault().log(), nanos::get);
            long before = vault.logSize();
            nanos.set(HOUR);
            refuse(failed, 6);
            assertThat(alerts(vault, before)).hasSize(1);
            refuse(failed, 9);
            failed.opening();
            nanos.addAndGet(HOUR);
            refuse(failed, 1);
            assertThat(alerts(vault, before)).as("the nine").hasSize(2);
            nanos.addAndGet(HOUR);
            refuse(failed, 5);
            failed.opening();
            refuse(failed, 5);
            assertThat(alerts(vault, before)).as("mistyped twice").hasSize(2);
        }
    }

    private static void refuse(FailedTries failed, int times) {
        for (int i = 0; i < times; i++) {
            failed.add();
        }
        failed.log();
    }

    @Test
    void sealThatIsInTheLogIsDoneOnceWhateverWhoeverAskedForItWasTold() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            SealControl control = vault.vault().seal();
            AtomicInteger done = new AtomicInteger();
            control.afterSealing(done::incrementAndGet);
            AuditLog log = vault.vault().log();
            AccessEvent seals =
                    log.event(OpenVault.person("director").actor(), ActKind.SEAL, Outcome.KEY, AuditLog.newRequest());
            log.call(seals, now -> SealState.sealing(now, seals));
            Awaitility.await().untilAsserted(() -> assertThat(done).hasValue(1));
            assertThat(vault.vault().custody().isSealed()).isTrue();
            assertThat(control.mayOpenItself()).isFalse();

            vault.unseal();
            control.seal(OpenVault.person("director"), AuditLog.newRequest());
            control.followOthers();
            assertThat(done).hasValue(2);
        }
    }

    @Test
    void keysThatWereWipedByNobodysSealServeNobodyBeforeTheLogWasCompared() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            SealControl control = vault.vault().seal();
            vault.vault().custody().seal();
            OpenedKeys.open(vault.vault().custody(), vault.home().keys());
            assertThat(control.isSealed()).isTrue();
            assertThatThrownBy(() -> vault.vault().log().checkpoint()).isInstanceOf(Refused.class);
            control.begin(Actor.VAULT);
            assertThat(control.isSealed()).isFalse();
            assertThat(vault.vault().log().checkpoint().size()).isEqualTo(vault.logSize());
        }
    }

    private static void reveal(OpenVault vault, PatronId patron) {
        AuditLog.await(vault.patrons()
                .lookup()
                .reveal(
                        OpenVault.person("page"),
                        Optional.of(patron),
                        PatronField.personal(),
                        Optional.of(Purpose.ACCOUNT_SERVICE),
                        Optional.empty(),
                        AuditLog.newRequest()));
    }
}

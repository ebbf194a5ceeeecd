package org.patronvault.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.session.Sessions;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessTest {
    private AccessTestVault vault;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @AfterAll
    void close() {
        vault.close();
    }

    private AccessEvent attempt(Caller caller) {
        return vault.log()
                .event(caller.actor(), ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE);
    }

    @Test
    void whatThePolicyRefusesIsInTheLogBeforeItIsAnswered() {
        Caller page = AccessTestVault.person("paul", "page");
        Set<PatronField> phone = Set.of(PatronField.PHONE);
        assertThat(Refusals.problemOf(() ->
                        vault.access().require(page, Permission.REVEAL, Purpose.ACCOUNT_SERVICE, phone, attempt(page))))
                .isEqualTo(Problem.NOT_ALLOWED);
        AccessEvent entry = vault.lastEntry();
        assertThat(entry.actor()).isEqualTo(page.actor());
        assertThat(entry.act()).isEqualTo(ActKind.REVEAL);
        assertThat(entry.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(entry.reason()).contains(Problem.NOT_ALLOWED);
        assertThat(entry.purpose()).contains(Purpose.ACCOUNT_SERVICE);
    }

    @Test
    void whatThePolicyAllowsIsLeftToTheUseCaseToLog() {
        Caller clerk = AccessTestVault.person("anna", "circulation");
        long before = vault.log().reader().size();
        assertThat(vault.access()
                        .require(clerk, Permission.REVEAL, attempt(clerk))
                        .caller())
                .isEqualTo(clerk);
        assertThat(vault.log().reader().size()).isEqualTo(before);
    }

    @Test
    void vaultsOwnHandEndsWithCommissioning() {
        assertThat(vault.access().acting("root", Role.ADMIN).actor().role()).isEqualTo("admin");
        vault.storeFirstPatron();
        assertThatThrownBy(() -> vault.access().acting("root", Role.ADMIN)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void passwordBeginsSessionWhoseTokenResolves() {
        vault.staff("berta", "circulation", "supervisor");
        Sessions.NewSession begun = vault.access()
                .begin("Berta", AccessTestVault.PASSWORD, Optional.of("supervisor"), SignInOrigin.of("10.0.0.7"));
        assertThat(vault.access().resolve(begun.token()).actor().role()).isEqualTo("supervisor");
    }
}

package org.patronvault.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.account.StaffFacts;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.access.client.Clients;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.testing.OpenVault;

/** Tests that a restored database gives back no revoked right. */
final class RevocationsTest {
    private static final Approvals.Requester ADMIN =
            Approvals.Requester.alone(OpenVault.person("admin").actor());

    @TempDir
    private Path directory;

    private OpenVault vault;

    @BeforeEach
    void endCommissioning() {
        vault = OpenVault.onSqlite();
        vault.enrol(OpenVault.person("director").actor());
        vault.register("'card':'A1','name':{'family':'Ann'}");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Path data() {
        return vault.home().database().getParent();
    }

    private void keep() {
        vault.keep(data(), directory.resolve("data"));
    }

    private void putBack() {
        vault.putBackAndAccept(data(), directory.resolve("data"));
    }

    private Access access() {
        return vault.vault().access();
    }

    private Accounts accounts() {
        return access().accounts();
    }

    private Clients clients() {
        return access().clients();
    }

    private static ClientGrant entitlements() {
        return new ClientGrant(Set.of("entitlement"), Set.of(), Set.of(), OptionalInt.of(10), "", Optional.empty());
    }

    /** An account in use, and the token of a session of it. */
    private String signIn(String name) {
        Actor actor = new Actor(Actor.Kind.STAFF, name, "circulation", "");
        Accounts accounts = QuickAccess.accounts(vault);
        String code = accounts.add(ADMIN, name, List.of(new Role(actor.role()), new Role("page")), "")
                .secret()
                .orElseThrow();
        accounts.setOwnPassword(
                access().signIn().prove(new SignIn.Credentials(name, code, ""), SignInOrigin.of("desk")),
                "correct horse " + name);
        return access().begin(name, "correct horse " + name, Optional.of("circulation"), SignInOrigin.of("desk"))
                .token();
    }

    @Test
    void whoWasLockedOutIsLockedOutAgainAndSessionsOfThatTimeAreOver() {
        signIn("kim");
        signIn("lee");
        String token = signIn("pat");
        clients().add(ADMIN, "kiosk", entitlements());
        clients().add(ADMIN, "gate", entitlements());
        accounts().revoke(ADMIN, "pat", List.of(new Role("page")));
        Approvals.Answer asked = accounts().grant(ADMIN, "pat", List.of(new Role("director")));
        vault.keep(data(), directory.resolve("data"));
        accounts().disable(ADMIN, "kim");
        accounts().revoke(ADMIN, "lee", List.of(new Role("page")));
        clients().revoke(ADMIN, "kiosk");

        vault.putBackAndAccept(data(), directory.resolve("data"));

        assertThat(accounts().list().stream().filter(StaffFacts::disabled).map(StaffFacts::name))
                .as("who lost anything since, and not who lost it before")
                .containsExactlyInAnyOrder("kim", "lee");
        assertThat(clients().list().stream().filter(Clients.Facts::revoked).map(Clients.Facts::name))
                .containsExactly("kiosk");
        assertThatThrownBy(() -> access().resolve(token))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_SIGNED_IN));
        assertThat(asked.filed()).isPresent();
        assertThat(access().approvals().list(ADMIN.by())).isEmpty();
        accounts().enable(ADMIN, "lee");
        vault.restart();
        assertThat(accounts().find("lee").disabled()).as("made good once").isFalse();
    }

    @Test
    void theLastWhoCouldOpenAnAccountAgainIsNotLockedOut() {
        vault.keep(data(), directory.resolve("data"));
        accounts().revoke(ADMIN, "root", List.of(new Role("page")));
        vault.putBackAndAccept(data(), directory.resolve("data"));
        assertThat(accounts().find("root").disabled()).isFalse();
    }

    private void assertEnded(String token) {
        assertThatThrownBy(() -> access().resolve(token))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_SIGNED_IN));
    }

    @Test
    void sessionsAndRequestsAreVoidThoughNothingWasTakenAway() {
        String token = signIn("pat");
        Approval asked = accounts()
                .grant(ADMIN, "pat", List.of(new Role("director")))
                .filed()
                .orElseThrow();
        keep();
        access().approvals().reject(ADMIN.by(), asked.id());
        putBack();
        assertEnded(token);
        assertThat(access().approvals().list(ADMIN.by())).isEmpty();
    }

    @Test
    void leaveThatWasUsedIsNotGivenOnceMore() {
        Actor sam = OpenVault.person("supervisor").actor();
        Actor olga = OpenVault.person("privacy-officer").actor();
        vault.enrol(sam);
        accounts().add(twoOf(ADMIN.by()), olga.name(), List.of(new Role(olga.role())), "");
        ApprovalTerms ask = new ApprovalTerms("patron.erase", "patron", Map.of("patron", List.of("8c1f0a72e94b3d56")));
        Approval filed = access().approvals()
                .leave(Approvals.Requester.alone(sam), ask)
                .filed()
                .orElseThrow();
        access().approvals().approve(olga, filed.id(), Optional.empty());
        keep();
        assertThat(access().approvals()
                        .leave(Approvals.Requester.alone(sam), ask)
                        .filed())
                .isEmpty();
        putBack();
        assertThat(access().approvals()
                        .leave(Approvals.Requester.alone(sam), ask)
                        .filed())
                .isPresent();
    }

    private static Approvals.Requester twoOf(Actor by) {
        return Approvals.Requester.of(
                by, Optional.of(OpenVault.person("director").actor()));
    }

    @Test
    void aClientThatWasNarrowedOrHasAnotherKeyIsEnded() {
        ClientGrant more = new ClientGrant(
                Set.of("entitlement", "statistics"), Set.of(), Set.of(), OptionalInt.of(10), "", Optional.empty());
        clients().add(ADMIN, "narrowed", more);
        String old = clients().add(ADMIN, "rotated", entitlements()).secret().orElseThrow();
        clients().add(ADMIN, "kept", entitlements());
        keep();
        clients().change(ADMIN, "narrowed", entitlements());
        clients().rotate(ADMIN, "rotated");
        putBack();
        assertEnded(old);
        assertThat(clients().list().stream().filter(Clients.Facts::revoked).map(Clients.Facts::name))
                .containsExactlyInAnyOrder("narrowed", "rotated");
    }

    @Test
    void whosePasswordOrSecondFactorWasTakenAwayIsLockedOut() {
        signIn("kim");
        signIn("lee");
        keep();
        accounts().resetPassword(ADMIN, "kim");
        accounts().resetSecondFactor(ADMIN, "lee");
        putBack();
        assertThat(accounts().list().stream().filter(StaffFacts::disabled).map(StaffFacts::name))
                .containsExactlyInAnyOrder("kim", "lee");
    }

    @Test
    void whoIsNeededToOpenAccountsAgainIsNotLockedOut() {
        accounts().add(twoOf(ADMIN.by()), "dora", List.of(new Role("director"), new Role("page")), "");
        keep();
        accounts().revoke(ADMIN, "dora", List.of(new Role("page")));
        putBack();
        assertThat(accounts().list()).extracting(StaffFacts::disabled).containsOnly(false);
    }
}

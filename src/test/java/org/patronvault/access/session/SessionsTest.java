package org.patronvault.access.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.PolicyFile;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SessionsTest {
    private static final Actor ADMIN = new Actor(Actor.Kind.STAFF, "root", "admin", "");
    private static final Duration PAST_TRUST = Duration.ofMillis(501);

    private AccessTestVault vault;
    private Actor anna;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @BeforeEach
    void employOnlyAnna() {
        vault = vault.next();
        anna = vault.staff("anna", "circulation");
    }

    @AfterAll
    void close() {
        vault.close();
    }

    private String begin(Actor who) {
        return vault.access()
                .sessions()
                .begin(AccessTestVault.proven(who), Optional.empty())
                .token();
    }

    private Actor resolve(String token) {
        return vault.access().resolve(token).actor();
    }

    private void assertNotSignedIn(String token) {
        assertThat(Refusals.problemOf(() -> resolve(token))).isEqualTo(Problem.NOT_SIGNED_IN);
    }

    /** Neither the session's cached state nor the half second it is trusted for is in the way. */
    private void lookAgain() {
        vault.nanos.addAndGet(PAST_TRUST.toNanos());
    }

    @Test
    void sessionThatWasLeftWithoutAWordIsNotRememberedForEver() {
        SessionUse use = new SessionUse(vault.store(), vault.custody, vault.clock, vault.nanos::get);
        use.begin("one that was never used");
        use.use("one that was");
        vault.nanos.addAndGet(Duration.ofHours(13).toNanos());
        use.begin("a new one");
        use.write();
        assertThat(use.remembered()).isEqualTo(1);
    }

    @Test
    void tokenNamesPersonRoleAndLibrary() {
        String token = begin(anna);
        assertThat(resolve(token)).isEqualTo(anna);
        assertThat(vault.access().resolve(token).isPerson()).isTrue();
        assertThat(vault.access().resolve(token).limited()).isTrue();
    }

    @Test
    void sessionActsInTheRoleAskedForOrTheFirst() {
        vault.staff("berta", "supervisor", "director");
        SignIn.Identity berta = new SignIn.Identity("berta", "NC", List.of("supervisor", "director"), 1, false, false);
        Sessions sessions = vault.access().sessions();
        assertThat(sessions.begin(berta, Optional.empty()).role()).isEqualTo("supervisor");
        Sessions.NewSession asDirector = sessions.begin(berta, Optional.of("director"));
        assertThat(resolve(asDirector.token()).role()).isEqualTo("director");
        assertThat(asDirector.roles()).containsExactly("supervisor", "director");
        assertThat(Refusals.problemOf(() -> sessions.begin(berta, Optional.of("admin"))))
                .isEqualTo(Problem.ROLE_NOT_HELD);
    }

    @Test
    void whoHoldsSeveralRolesGoesOnInAnotherAndTheFirstSessionEnds() {
        vault.staff("berta", "supervisor", "director");
        SignIn.Identity berta = new SignIn.Identity("berta", "NC", List.of("supervisor", "director"), 1, false, false);
        Sessions sessions = vault.access().sessions();
        Sessions.NewSession first = sessions.begin(berta, Optional.empty());
        vault.clock.advance(Duration.ofHours(1));
        Sessions.NewSession second = sessions.actAs(first.token(), "director");
        assertThat(resolve(second.token()).role()).isEqualTo("director");
        assertThat(second.roles()).containsExactly("supervisor", "director");
        assertThat(second.expires()).isEqualTo(first.expires());
        assertNotSignedIn(first.token());
        assertThat(Refusals.problemOf(() -> sessions.actAs(second.token(), "admin")))
                .isEqualTo(Problem.ROLE_NOT_HELD);
        assertThat(resolve(second.token()).role()).isEqualTo("director");
        assertThat(Refusals.problemOf(() -> sessions.actAs(first.token(), "supervisor")))
                .isEqualTo(Problem.NOT_SIGNED_IN);
    }

    @Test
    void roleThatNeedsASecondFactorIsNotActedInByASessionWithoutOne() {
        String shipped = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        vault.policy.put(PolicyFile.parse(
                shipped.replace("secondFactor: []", "secondFactor: [director]").getBytes(StandardCharsets.UTF_8)));
        vault.staff("berta", "supervisor", "director");
        List<String> roles = List.of("supervisor", "director");
        Sessions sessions = vault.access().sessions();
        String without = sessions.begin(
                        new SignIn.Identity("berta", "NC", roles, 1, false, false), Optional.of("supervisor"))
                .token();
        assertThat(Refusals.problemOf(() -> sessions.actAs(without, "director")))
                .isEqualTo(Problem.SECOND_FACTOR_REQUIRED);
        String with = sessions.begin(
                        new SignIn.Identity("berta", "NC", roles, 1, false, true), Optional.of("supervisor"))
                .token();
        assertThat(resolve(sessions.actAs(with, "director").token()).role()).isEqualTo("director");
    }

    @Test
    void othersOfOnesSessionsEndAtOnce() {
        String here = begin(anna);
        String there = begin(anna);
        assertThat(vault.access().sessions().endOthers(here)).isEqualTo(1);
        assertNotSignedIn(there);
        assertThat(resolve(here)).isEqualTo(anna);
        assertThat(vault.access().sessions().endOthers(here)).isZero();
    }

    @Test
    void accountWithoutRoleBeginsNoSession() {
        vault.staff("new");
        SignIn.Identity without = new SignIn.Identity("new", "NC", List.of(), 1, false, false);
        assertThat(Refusals.problemOf(() -> vault.access().sessions().begin(without, Optional.empty())))
                .isEqualTo(Problem.NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pvs_",
                "pvs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "Bearer",
                "pvk_",
                "\u0000",
                "a.b.c"
            })
    void whatIsNoTokenIsNobodys(String token) {
        assertNotSignedIn(token);
        assertNotSignedIn(token + "x".repeat(10_000));
    }

    @Test
    void tokenWrittenOtherwiseIsNobodys() {
        String token = begin(anna);
        assertNotSignedIn(token + " ");
        assertNotSignedIn(token.substring(0, token.length() - 1));
        assertNotSignedIn("PVS_" + token.substring(4));
    }

    @Test
    void tokenIsNotStored() {
        String token = begin(anna);
        assertThat(vault.names("session")).isNotEmpty().allMatch(name -> name.matches("[0-9a-f]{64}"));
        assertThat(vault.tamper("UPDATE authority SET name = name WHERE body LIKE ?", "%" + token.substring(4) + "%"))
                .isZero();
    }

    @Test
    void thirtyIdleMinutesEndItForEver() {
        String token = begin(anna);
        resolve(token);
        vault.nanos.addAndGet(Duration.ofMinutes(30).toNanos());
        assertThat(resolve(token)).isEqualTo(anna);
        vault.nanos.addAndGet(Duration.ofMinutes(30).toNanos() + 1);
        assertNotSignedIn(token);
        vault.restart();
        assertNotSignedIn(token);
    }

    @Test
    void idleTimeIsNotTheWallClocks() {
        String token = begin(anna);
        resolve(token);
        vault.clock.advance(Duration.ofHours(2));
        assertThat(resolve(token)).isEqualTo(anna);
        vault.clock.advance(Duration.ofHours(-2).minusMinutes(4));
        assertThat(resolve(token)).isEqualTo(anna);
        vault.nanos.addAndGet(Duration.ofMinutes(31).toNanos());
        assertNotSignedIn(token);
    }

    @Test
    void sessionBegunWhileTheClockWasAheadIsOverOnceItIsRight() {
        vault.clock.advance(Duration.ofHours(5));
        String token = begin(anna);
        assertThat(resolve(token)).isEqualTo(anna);
        vault.access().sessions().writeUse();
        vault.clock.advance(Duration.ofHours(-5));
        lookAgain();
        assertNotSignedIn(token);
        assertThat(vault.access().sessions().open(Optional.empty())).isEmpty();
    }

    @Test
    void useThatWasWrittenWhileTheClockWasAheadKeepsNobodySignedIn() {
        String left = begin(anna);
        String used = begin(anna);
        vault.clock.advance(Duration.ofHours(5));
        resolve(left);
        resolve(used);
        vault.access().sessions().writeUse();
        vault.clock.advance(Duration.ofHours(-5));
        vault.advance(Duration.ofMinutes(29));
        assertThat(resolve(used)).isEqualTo(anna);
        vault.access().sessions().writeUse();
        vault.advance(Duration.ofMinutes(2));
        assertNotSignedIn(left);
        // Later writes have replaced the rows from the future.
        vault.restart();
        assertThat(resolve(used)).isEqualTo(anna);
        vault.advance(Duration.ofMinutes(31));
        assertNotSignedIn(used);
    }

    @Test
    void twelveHoursEndItHoweverBusy() {
        Sessions.NewSession begun = vault.access().sessions().begin(AccessTestVault.proven(anna), Optional.empty());
        assertThat(begun.expires()).isEqualTo(vault.clock.instant().plus(Duration.ofHours(12)));
        for (int i = 0; i < 24; i++) {
            vault.advance(Duration.ofMinutes(29));
            assertThat(resolve(begun.token())).isEqualTo(anna);
        }
        vault.advance(Duration.ofMinutes(24).minusSeconds(1));
        assertThat(resolve(begun.token())).isEqualTo(anna);
        vault.clock.advance(Duration.ofSeconds(1));
        assertNotSignedIn(begun.token());
    }

    @Test
    void sessionOutlivesRestartAndStillEndsAfterTwelveHours() {
        String token = begin(anna);
        for (int halfHours = 0; halfHours < 22; halfHours++) {
            vault.advance(Duration.ofMinutes(30));
            assertThat(resolve(token)).isEqualTo(anna);
        }
        vault.access().sessions().writeUse();
        vault.restart();
        assertThat(resolve(token)).isEqualTo(anna);
        vault.clock.advance(Duration.ofHours(1));
        assertNotSignedIn(token);
    }

    @Test
    void sessionThatNobodyUsedForHalfAnHourHasEndedThoughTheVaultWasRestartedMeanwhile() {
        String unused = begin(anna);
        String used = begin(anna);
        vault.advance(Duration.ofMinutes(29));
        assertThat(resolve(used)).isEqualTo(anna);
        vault.access().sessions().writeUse();
        vault.restart();
        vault.advance(Duration.ofMinutes(2));
        assertNotSignedIn(unused);
        assertThat(resolve(used)).isEqualTo(anna);
    }

    @Test
    void writtenUseThatSomebodyChangedIsNone() {
        String token = begin(anna);
        vault.advance(Duration.ofMinutes(20));
        resolve(token);
        vault.access().sessions().writeUse();
        vault.restart();
        assertThat(vault.tamper("UPDATE session_use SET at = at + 3600")).isPositive();
        vault.advance(Duration.ofMinutes(20));
        assertNotSignedIn(token);
    }

    @Test
    void signingOutEndsThatSessionAtOnceAndNoOther() {
        String here = begin(anna);
        String there = begin(anna);
        resolve(here);
        vault.access().sessions().end(here);
        assertNotSignedIn(here);
        assertThat(resolve(there)).isEqualTo(anna);
        vault.restart();
        assertNotSignedIn(here);
    }

    static Stream<Arguments> endings() {
        return Stream.of(
                ending(
                        "password changed",
                        (accounts, anna) ->
                                accounts.setOwnPassword(AccessTestVault.proven(anna), "another quiet room")),
                ending(
                        "password reset",
                        (accounts, anna) ->
                                accounts.resetPassword(Approvals.Requester.of(ADMIN, Optional.empty()), anna.name())),
                ending(
                        "role revoked",
                        (accounts, anna) -> accounts.revoke(
                                Approvals.Requester.alone(ADMIN), anna.name(), List.of(new Role("circulation")))),
                ending(
                        "disabled",
                        (accounts, anna) -> accounts.disable(Approvals.Requester.alone(ADMIN), anna.name())));
    }

    private static Arguments ending(String what, BiConsumer<Accounts, Actor> step) {
        return Arguments.of(what, step);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void changedAccountEndsEverySessionBeforeTheNextRequest(String what, BiConsumer<Accounts, Actor> step) {
        List<String> tokens = List.of(begin(anna), begin(anna));
        tokens.forEach(this::resolve);
        step.accept(vault.access().accounts(), anna);
        tokens.forEach(this::assertNotSignedIn);
        assertThat(what).isNotEmpty();
    }

    @Test
    void enablingAgainBringsNoSessionBack() {
        String token = begin(anna);
        vault.access().accounts().disable(Approvals.Requester.alone(ADMIN), anna.name());
        vault.access().accounts().enable(Approvals.Requester.of(ADMIN, Optional.empty()), anna.name());
        assertNotSignedIn(token);
    }

    @Test
    void passwordProvedBeforeTheAccountChangedBeginsNothingThatWorks() {
        SignIn.Identity before = AccessTestVault.proven(anna);
        vault.access().accounts().disable(Approvals.Requester.alone(ADMIN), anna.name());
        vault.access().accounts().enable(Approvals.Requester.of(ADMIN, Optional.empty()), anna.name());
        String token = vault.access().sessions().begin(before, Optional.empty()).token();
        assertNotSignedIn(token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE authority SET body = replace(body, 'circulation', 'director') WHERE kind = 'session'",
                "UPDATE authority SET body = replace(body, '\"ended\":false', '\"ended\":false ') WHERE kind = 'session'",
                "UPDATE authority SET body = '{}' WHERE kind = 'session'",
                "UPDATE authority SET body = '' WHERE kind = 'session'",
                "UPDATE authority SET mac = zeroblob(32) WHERE kind = 'session'",
                "UPDATE authority SET generation = generation + 1 WHERE kind = 'session'",
                "UPDATE authority SET body = replace(body, 'circulation', 'director') WHERE kind = 'staff'",
                "UPDATE authority SET body = replace(body, '\"epoch\":1', '\"epoch\":2') WHERE kind = 'staff'",
                "UPDATE authority SET mac = zeroblob(32) WHERE kind = 'staff'",
                "UPDATE authority SET generation = generation + 1 WHERE kind = 'staff'",
            })
    void editedRowIsAnIntegrityErrorAndNoAuthority(String edit) {
        String token = begin(anna);
        resolve(token);
        assertThat(vault.tamper(edit)).isEqualTo(1);
        lookAgain();
        assertThatThrownBy(() -> resolve(token)).isInstanceOf(IntegrityException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"session", "staff"})
    void removedRowIsAnIntegrityErrorAndNoAuthority(String kind) {
        String token = begin(anna);
        assertThat(vault.tamper("DELETE FROM authority WHERE kind = ?", kind)).isEqualTo(1);
        assertThatThrownBy(() -> resolve(token)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void sessionsSwappedByNameAreIntegrityErrors() {
        String clerk = begin(anna);
        String director = begin(vault.staff("dora", "director"));
        List<String> names = vault.names("session");
        vault.swapNames("session", names.get(0), names.get(1));
        assertThatThrownBy(() -> resolve(clerk)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> resolve(director)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void accountsSwappedByNameAreIntegrityErrors() {
        String clerk = begin(anna);
        vault.staff("dora", "director");
        vault.swapNames("staff", anna.name(), "dora");
        assertThatThrownBy(() -> resolve(clerk)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> vault.access().accounts().list()).isInstanceOf(IntegrityException.class);
    }

    @Test
    void accountRowInPlaceOfSessionIsIntegrityError() {
        String token = begin(anna);
        String session = vault.names("session").get(0);
        vault.tamper("DELETE FROM authority WHERE kind = 'session'");
        assertThat(vault.tamper("UPDATE authority SET kind = 'session', name = ? WHERE kind = 'staff'", session))
                .isEqualTo(1);
        assertThatThrownBy(() -> resolve(token)).isInstanceOf(IntegrityException.class);
    }

    private List<Sessions.OpenSession> open(String user) {
        return vault.access().sessions().open(Optional.of(user));
    }

    @Test
    void openSessionsAreListedWithWhatMayBeShown() {
        vault.clock.set(AccessTestVault.MORNING);
        String first = begin(anna);
        vault.advance(Duration.ofMinutes(5));
        String second = begin(anna);
        begin(vault.staff("berta", "director"));
        resolve(first);
        vault.advance(Duration.ofMinutes(2));

        Sessions sessions = vault.access().sessions();
        assertThat(sessions.open(Optional.empty())).hasSize(3);
        List<Sessions.OpenSession> annas = open(" ANNA ");
        assertThat(annas)
                .extracting(Sessions.OpenSession::id)
                .containsExactly(sessions.idOf(second), sessions.idOf(first));
        Sessions.OpenSession one = annas.get(1);
        assertThat(List.of(one.user(), one.role(), one.library())).containsExactly("anna", "circulation", "NC");
        assertThat(one.started()).isEqualTo(AccessTestVault.MORNING);
        assertThat(one.expires()).isEqualTo(AccessTestVault.MORNING.plus(Duration.ofHours(12)));
        assertThat(one.used()).contains(AccessTestVault.MORNING.plus(Duration.ofMinutes(5)));
        assertThat(annas.get(0).used()).isEmpty();
        assertThat(annas)
                .extracting(Sessions.OpenSession::id)
                .noneMatch(id -> first.contains(id) || id.contains(first));
        assertNotSignedIn(one.id());
        assertNotSignedIn("pvs_" + one.id());
    }

    @Test
    void sessionThatIsOverIsNotListed() {
        String ended = begin(anna);
        String idle = begin(anna);
        resolve(idle);
        vault.access().sessions().end(ended);
        vault.nanos.addAndGet(Duration.ofMinutes(31).toNanos());
        assertThat(open("anna")).isEmpty();
        begin(anna);
        assertThat(open("anna")).hasSize(1);
        vault.access().accounts().disable(Approvals.Requester.alone(ADMIN), "anna");
        assertThat(open("anna")).isEmpty();
    }

    @Test
    void sessionIsEndedByItsIdOnlyByItsPersonOrWhoMayEndAnyones() {
        Sessions sessions = vault.access().sessions();
        Actor berta = vault.staff("berta", "supervisor");
        String token = begin(anna);
        String id = sessions.idOf(token);
        assertThat(List.of(
                        Refusals.problemOf(() -> sessions.end(berta, false, id)),
                        Refusals.problemOf(() -> sessions.end(anna, false, "0")),
                        Refusals.problemOf(() -> sessions.end(anna, false, token))))
                .containsOnly(Problem.NOT_FOUND);
        assertThat(resolve(token)).isEqualTo(anna);

        sessions.end(ADMIN, true, id);
        assertNotSignedIn(token);
        assertThat(vault.lastEntry().actor()).isEqualTo(ADMIN);
        assertThat(vault.lastEntry().about()).contains("anna");
        assertThat(Refusals.problemOf(() -> sessions.end(ADMIN, true, id))).isEqualTo(Problem.NOT_FOUND);

        String own = begin(anna);
        sessions.end(anna, false, sessions.idOf(own));
        assertNotSignedIn(own);
    }

    @Test
    void sessionTakenAwayWhileEveryOneIsEndedDoesNotEscapeIt() {
        begin(anna);
        vault.tamper("DELETE FROM authority WHERE kind = 'session'");
        assertThatThrownBy(() -> vault.access().sessions().endAll(ADMIN, "anna"))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void signingSomebodyOutEndsEverySessionOfTheirsAndNoOther() {
        List<String> tokens = List.of(begin(anna), begin(anna));
        String other = begin(vault.staff("berta", "director"));
        tokens.forEach(this::resolve);
        assertThat(vault.access().sessions().endAll(ADMIN, "Anna")).isEqualTo(2);
        tokens.forEach(this::assertNotSignedIn);
        assertThat(resolve(other).name()).isEqualTo("berta");
        vault.restart();
        tokens.forEach(this::assertNotSignedIn);
    }
}

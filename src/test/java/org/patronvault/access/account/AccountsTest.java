package org.patronvault.access.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Role;
import org.patronvault.core.store.table.Rows;

/** Tests of accounts: commissioning, acts that need two people, and that nobody can grant themselves a role. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccountsTest {
    private static final Optional<Actor> ALONE = Optional.empty();
    private static final List<String> POWERFUL = List.of("admin", "custodian", "director", "privacy-officer");
    private static final List<String> OTHERS = List.of("circulation", "supervisor", "outreach", "page");

    private AccessTestVault vault;
    private Accounts accounts;
    private Actor root;
    private Actor anna;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @AfterAll
    void close() {
        vault.close();
    }

    @BeforeEach
    void beginCommissioning() {
        vault = vault.next();
        accounts = vault.access().accounts();
        root = vault.staff("root", "admin");
        anna = vault.staff("anna", "page");
    }

    private static List<Role> role(String name) {
        return List.of(new Role(name));
    }

    private static Approvals.Requester by(Actor person, Optional<Actor> second) {
        return Approvals.Requester.of(person, second);
    }

    /** That nothing was done, and something waits for a second person. */
    private static void assertFiled(Approvals.Answer answer) {
        assertThat(answer.secret()).isEmpty();
        assertThat(answer.filed())
                .hasValueSatisfying(filed -> assertThat(filed.state()).isEqualTo(Approval.State.PENDING));
    }

    private static Optional<Actor> second(String name, String role) {
        return Optional.of(new Actor(Actor.Kind.STAFF, name, role, ""));
    }

    private List<String> rolesOf(String name) {
        return accounts.list().stream()
                .filter(account -> account.name().equals(name))
                .findFirst()
                .orElseThrow()
                .roles();
    }

    @Test
    void firstAdministratorIsMadeOnce() {
        vault = vault.next();
        accounts = vault.access().accounts();
        assertThat(Refusals.problemOf(() -> accounts.createFirst("Root", "too short")))
                .isEqualTo(Problem.INVALID);
        assertThat(accounts.list()).isEmpty();
        accounts.createFirst("Root", AccessTestVault.PASSWORD);
        assertThat(rolesOf("root")).containsExactly("admin");
        assertThat(Refusals.problemOf(() -> accounts.createFirst("other", AccessTestVault.PASSWORD)))
                .isEqualTo(Problem.HOME_EXISTS);
        assertThat(accounts.list()).hasSize(1);
    }

    @Test
    void inCommissioningOneAdministratorGrantsAnyRoleButNoneToHimself() {
        accounts.add(by(root, ALONE), "new", role("page"), "");
        assertThat(vault.lastEntry().outcome()).as("no alert").isEqualTo(Outcome.CONFIGURATION);
        assertThat(accounts.find("new").maker()).isEmpty();
        assertThat(accounts.find("new").countsAsSecond()).isTrue();
        for (String role : POWERFUL) {
            accounts.grant(by(root, ALONE), "anna", role(role));
        }
        assertThat(rolesOf("anna")).containsExactly("page", "admin", "custodian", "director", "privacy-officer");
        accounts.disable(Approvals.Requester.alone(root), "anna");
        assertThatCode(() -> accounts.enable(by(root, ALONE), "anna")).doesNotThrowAnyException();
        assertNobodyGrantsHimself();
    }

    @Test
    void commissioningEndsForEverWithTheFirstPatron() {
        long before = vault.log().reader().size();
        vault.storeFirstPatron();
        assertThat(vault.entriesFrom(before)).extracting(AccessEvent::act).contains(ActKind.COMMISSIONED);
        vault.tamper("DELETE FROM patron");
        vault.tamper("DELETE FROM patron_tombstone");
        vault.restart();
        accounts = vault.access().accounts();
        assertFiled(accounts.grant(by(root, ALONE), "anna", role("director")));
        assertThat(vault.reopenedKeys().keys().isCommissioned()).isTrue();
    }

    @Test
    void afterwardsNobodyGrantsHimselfEither() {
        vault.storeFirstPatron();
        assertNobodyGrantsHimself();
    }

    private void assertNobodyGrantsHimself() {
        Optional<Actor> dora = second("dora", "director");
        for (String spelling : List.of("root", "ROOT", " Root ", "\uFF52oot")) {
            for (String role : List.of("page", "custodian")) {
                assertThat(Refusals.problemOf(() -> accounts.grant(by(root, ALONE), spelling, role(role))))
                        .isEqualTo(Problem.NOT_ALLOWED);
                assertThat(Refusals.problemOf(() -> accounts.grant(by(root, dora), spelling, role(role))))
                        .isEqualTo(Problem.NOT_ALLOWED);
            }
            assertThat(Refusals.problemOf(() -> accounts.enable(by(root, dora), spelling)))
                    .isEqualTo(Problem.NOT_ALLOWED);
        }
        assertThat(Refusals.problemOf(() -> accounts.resetPassword(by(root, dora), "root")))
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(rolesOf("root")).containsExactly("admin");
    }

    @Test
    void commissioningEndsWithTheFirstPatronAndDoesNotComeBackWithErasure() {
        assertThat(accounts.isCommissioning()).isTrue();
        vault.storeFirstPatron();
        assertThat(accounts.isCommissioning()).isFalse();
        vault.write(tx -> Rows.erase(tx, 1, 1));
        assertThat(accounts.isCommissioning()).isFalse();
        assertFiled(accounts.grant(by(root, ALONE), "anna", role("director")));
    }

    @Test
    void powerfulRoleIsGrantedByTwoOnly() {
        vault.staff("dora", "director");
        vault.staff("abel", "admin");
        vault.storeFirstPatron();
        for (String role : POWERFUL) {
            assertFiled(accounts.grant(by(root, ALONE), "anna", role(role)));
            for (Optional<Actor> nobodyElse : List.of(
                    second("root", "admin"),
                    second("root", "director"),
                    second("anna", "admin"),
                    second("carl", "circulation"),
                    second("carl", "supervisor"),
                    second("carl", "custodian"),
                    second("carl", "privacy-officer"),
                    second("carl", ""),
                    Optional.of(new Actor(Actor.Kind.CLIENT, "koha", "admin", "")),
                    Optional.of(Actor.NOBODY))) {
                assertThat(Refusals.problemOf(() -> accounts.grant(by(root, nobodyElse), "anna", role(role))))
                        .as("%s with %s", role, nobodyElse)
                        .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
            }
        }
        assertThat(rolesOf("anna")).containsExactly("page");

        accounts.grant(by(root, second("dora", "director")), "anna", role("custodian"));
        accounts.grant(by(root, second("abel", "admin")), "anna", role("privacy-officer"));
        assertThat(rolesOf("anna")).containsExactly("page", "custodian", "privacy-officer");
    }

    @Test
    void powerfulRoleAmongOthersNeedsTheSecondPersonToo() {
        vault.storeFirstPatron();
        List<Role> mixed = List.of(new Role("circulation"), new Role("director"));
        assertFiled(accounts.grant(by(root, ALONE), "anna", mixed));
        assertFiled(accounts.add(by(root, ALONE), "new", mixed, "NC"));
        assertThat(accounts.list()).extracting(StaffFacts::name).containsExactly("anna", "root");
    }

    @Test
    void otherRolesAreGrantedByOne() {
        vault.storeFirstPatron();
        for (String role : OTHERS) {
            accounts.grant(by(root, ALONE), "anna", role(role));
        }
        assertThat(rolesOf("anna")).containsExactly("page", "circulation", "supervisor", "outreach");
    }

    @ParameterizedTest
    @ValueSource(strings = {"admin", "custodian", "director", "privacy-officer"})
    void powerfulAccountIsNotTakenOverByOne(String role) {
        vault.staff("paul", "page", role);
        vault.staff("dora", "director");
        vault.storeFirstPatron();
        accounts.disable(Approvals.Requester.alone(root), "paul");
        assertFiled(accounts.enable(by(root, ALONE), "paul"));
        assertFiled(accounts.resetPassword(by(root, ALONE), "paul"));
        assertThat(Refusals.problemOf(() -> accounts.enable(by(root, second("paul", "admin")), "paul")))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        accounts.enable(by(root, second("dora", "director")), "paul");
        assertThat(accounts.list()).noneMatch(StaffFacts::disabled);
    }

    @Test
    void passwordIsResetByTwoAndLeavesAnActivationCode() {
        vault.staff("dora", "director");
        vault.staff("paul", "director");
        vault.storeFirstPatron();
        String code = accounts.resetPassword(by(root, second("dora", "director")), "paul")
                .secret()
                .orElseThrow();
        assertThat(accounts.list()).filteredOn(account -> !account.activated()).hasSize(1);
        assertThat(vault.access()
                        .signIn()
                        .prove("paul", code, SignInOrigin.HOST)
                        .mustSetPassword())
                .isTrue();
    }

    @Test
    void takingAwayNeedsNoSecondPerson() {
        vault.staff("paul", "director", "circulation");
        vault.staff("dora", "director");
        vault.storeFirstPatron();
        accounts.revoke(Approvals.Requester.alone(root), "paul", role("director"));
        assertThat(rolesOf("paul")).containsExactly("circulation");
        accounts.disable(Approvals.Requester.alone(root), "paul");
        assertThat(accounts.list())
                .filteredOn(StaffFacts::disabled)
                .extracting(StaffFacts::name)
                .containsExactly("paul");
    }

    @Test
    void firstRoleStaysFirstWhateverIsGranted() {
        accounts.grant(by(root, ALONE), "anna", role("admin"));
        accounts.grant(by(root, ALONE), "anna", role("admin"));
        assertThat(rolesOf("anna")).containsExactly("page", "admin");
    }

    @Test
    void refusedGrantIsInTheLog() {
        vault.storeFirstPatron();
        Refusals.refusedBy(() -> accounts.grant(by(root, second("carl", "page")), "anna", role("director")));
        AccessEvent entry = vault.lastEntry();
        assertThat(entry.actor()).isEqualTo(root);
        assertThat(entry.act()).isEqualTo(ActKind.STAFF);
        assertThat(entry.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(entry.reason()).contains(Problem.SECOND_PERSON_REQUIRED);
        assertThat(entry.about()).contains("anna");
    }

    @Test
    void inCommissioningAnothersPasswordMayBeSet() {
        assertThat(accounts.add(by(root, ALONE), "Berta", role("director"), "NC", "a password of hers")
                        .secret())
                .isEmpty();
        assertThat(vault.access()
                        .begin("berta", "a password of hers", Optional.empty(), SignInOrigin.HOST)
                        .role())
                .isEqualTo("director");
    }

    @Test
    void commonPasswordIsRefusedWhoeverSetsIt() {
        String common = "PasswordPassword";
        assertThat(Refusals.problemOf(() -> Accounts.requireGood("berta", common)))
                .isEqualTo(Problem.INVALID);
        assertThat(Refusals.problemOf(() -> accounts.createFirst("berta", common)))
                .isEqualTo(Problem.INVALID);
        assertThat(Refusals.problemOf(() -> accounts.add(by(root, ALONE), "berta", role("page"), "NC", common)))
                .isEqualTo(Problem.INVALID);
        String code = accounts.add(by(root, ALONE), "berta", role("page"), "NC")
                .secret()
                .orElseThrow();
        SignIn.Identity withCode = vault.access().signIn().prove("berta", code, SignInOrigin.HOST);
        assertThat(Refusals.problemOf(() -> accounts.setOwnPassword(withCode, common)))
                .isEqualTo(Problem.INVALID);
        assertThat(Refusals.problemOf(() -> vault.access().signIn().prove("berta", common, SignInOrigin.HOST)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
        accounts.setOwnPassword(withCode, "a password of hers");
        SignIn.Identity later = vault.access().signIn().prove("berta", "a password of hers", SignInOrigin.HOST);
        assertThat(Refusals.problemOf(() -> accounts.setOwnPassword(later, common)))
                .isEqualTo(Problem.INVALID);
    }

    @Test
    void laterAnothersPasswordIsNotSetButAnActivationCodeGiven() {
        vault.storeFirstPatron();
        assertThat(Refusals.problemOf(
                        () -> accounts.add(by(root, ALONE), "berta", role("page"), "NC", "a password of hers")))
                .isEqualTo(Problem.NOT_ALLOWED);
        String code = accounts.add(by(root, ALONE), "berta", role("page"), "NC")
                .secret()
                .orElseThrow();
        assertThat(code).matches("([2-9a-hjkmnp-z]{5}-){3}[2-9a-hjkmnp-z]{5}");
        assertThat(accounts.list())
                .filteredOn(account -> !account.activated())
                .extracting(StaffFacts::name)
                .containsExactly("berta");

        SignIn.Identity withCode = vault.access().signIn().prove("berta", code, SignInOrigin.HOST);
        assertThat(Refusals.problemOf(() -> vault.access().sessions().begin(withCode, Optional.empty())))
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(Refusals.problemOf(() -> vault.access().acting(withCode, Optional.empty())))
                .isEqualTo(Problem.NOT_ALLOWED);

        accounts.setOwnPassword(withCode, "a password of hers");
        assertThat(vault.access()
                        .begin("berta", "a password of hers", Optional.empty(), SignInOrigin.HOST)
                        .token())
                .isNotEmpty();
        assertThat(Refusals.problemOf(() -> vault.access().signIn().prove("berta", code, SignInOrigin.HOST)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
        assertThat(Refusals.problemOf(() -> accounts.setOwnPassword(withCode, "a password of a thief")))
                .isEqualTo(Problem.CHANGED_MEANWHILE);
    }

    @Test
    void nameInAnotherSpellingIsTaken() {
        assertThat(Refusals.problemOf(() -> accounts.add(by(root, ALONE), " ANNA", role("page"), "NC")))
                .isEqualTo(Problem.NAME_IN_USE);
    }

    @Test
    void accountThatIsNotThereIsNotFound() {
        assertThat(List.of(
                        Refusals.problemOf(() -> accounts.grant(by(root, ALONE), "zoe", role("page"))),
                        Refusals.problemOf(() -> accounts.revoke(Approvals.Requester.alone(root), "zoe", role("page"))),
                        Refusals.problemOf(() -> accounts.disable(Approvals.Requester.alone(root), "zoe")),
                        Refusals.problemOf(() -> accounts.enable(by(root, ALONE), "zoe")),
                        Refusals.problemOf(() -> accounts.unlock(Approvals.Requester.alone(root), "zoe"))))
                .containsOnly(Problem.NOT_FOUND);
    }

    @Test
    void unlockedAccountIsOpenAtOnceInAllNetworks() {
        List<SignInOrigin> networks = List.of(SignInOrigin.of("10.0.0.7"), SignInOrigin.of("2001:db8::1"));
        Lockouts lockouts = new Lockouts(
                vault.access().authority(), vault.custody, new KnownBrowsers(vault.custody, vault.clock), vault.clock);
        vault.write(tx -> {
            for (int i = 0; i < 5; i++) {
                networks.forEach(network -> lockouts.wrong(tx, "anna", network));
            }
        });
        SignIn signIn = vault.access().signIn();
        assertThat(networks)
                .allSatisfy(network -> assertThat(
                                Refusals.problemOf(() -> signIn.prove("anna", AccessTestVault.PASSWORD, network)))
                        .isEqualTo(Problem.TOO_MANY_ATTEMPTS));
        accounts.unlock(Approvals.Requester.alone(root), "Anna");
        assertThat(networks)
                .allSatisfy(network -> assertThat(signIn.prove("anna", AccessTestVault.PASSWORD, network)
                                .name())
                        .isEqualTo("anna"));
    }

    @Test
    void weakPasswordIsRefused() {
        assertThat(List.of(
                        Refusals.problemOf(() -> accounts.setOwnPassword(AccessTestVault.proven(anna), "too short")),
                        Refusals.problemOf(
                                () -> accounts.add(by(root, ALONE), "new", role("page"), "NC", "too short"))))
                .containsOnly(Problem.INVALID);
    }
}

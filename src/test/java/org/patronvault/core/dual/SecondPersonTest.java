package org.patronvault.core.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
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
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.table.AuthorityRows;

/** Tests that an account which one administrator made alone after commissioning is nobody's second person. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecondPersonTest {
    private static final String SYBIL = "sybil";
    private static final ApprovalTerms MAIL = new ApprovalTerms("test.mail", "newsletter", Map.of());

    private AccessTestVault vault;
    private Actor root;
    private Actor abel;
    private Actor dora;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @AfterAll
    void close() {
        vault.close();
    }

    @BeforeEach
    void endCommissioning() {
        vault = vault.next();
        root = vault.staff("root", "admin");
        abel = vault.staff("abel", "admin");
        dora = vault.staff("dora", "director");
        vault.staff("desk", "circulation");
        vault.storeFirstPatron();
        approvals().registerLeave(MAIL.kind(), ActKind.MAILING, SecondPerson.ADMINISTRATION, ask -> "Mail everybody.");
    }

    private Accounts accounts() {
        return vault.access().accounts();
    }

    private Approvals approvals() {
        return vault.access().approvals();
    }

    private static Approvals.Requester by(Actor by) {
        return Approvals.Requester.alone(by);
    }

    private static Approvals.Requester by(Actor by, Actor second) {
        return Approvals.Requester.of(by, Optional.of(second));
    }

    private static List<Role> roles(String... names) {
        return Stream.of(names).map(Role::new).toList();
    }

    /** Its owner sets a password with that activation code. */
    private Actor activated(String name, Approvals.Answer answer) {
        String code = answer.secret().orElseThrow();
        accounts()
                .setOwnPassword(vault.access().signIn().prove(name, code, SignInOrigin.HOST), AccessTestVault.PASSWORD);
        return new Actor(Actor.Kind.STAFF, name, accounts().find(name).roles().get(0), "");
    }

    private Actor make(Approvals.Requester asking, String name, String... roles) {
        return activated(name, accounts().add(asking, name, roles(roles), ""));
    }

    private void requireIndependent(String first, String second) {
        vault.store().read(tx -> {
            approvals().requireIndependent(tx, first, second);
            return tx;
        });
    }

    private void assertNobodysSecond(String name) {
        assertThat(Refusals.problemOf(() -> requireIndependent("dora", name)))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        assertThat(accounts().find(name).countsAsSecond()).isFalse();
    }

    private void assertCounts(String name) {
        assertThatCode(() -> requireIndependent("dora", name)).doesNotThrowAnyException();
        assertThat(accounts().find(name).countsAsSecond()).isTrue();
    }

    static Stream<Arguments> whateverOneAdministratorDoes() {
        return Stream.of(
                variation("makes an account", test -> {}),
                variation("gives it another role", test -> test.accounts().grant(by(test.root), SYBIL, roles("page"))),
                variation("takes the role away and gives it again", test -> {
                    test.accounts().revoke(by(test.root), SYBIL, roles("supervisor"));
                    test.accounts().grant(by(test.root), SYBIL, roles("supervisor"));
                }),
                variation(
                        "gives it another password",
                        test -> test.activated(SYBIL, test.accounts().resetPassword(by(test.root), SYBIL))),
                variation(
                        "has another administrator give it a password",
                        test -> test.activated(SYBIL, test.accounts().resetPassword(by(test.abel), SYBIL))),
                variation(
                        "sets its password as its owner",
                        test -> test.accounts()
                                .setOwnPassword(
                                        test.vault
                                                .access()
                                                .signIn()
                                                .prove(SYBIL, AccessTestVault.PASSWORD, SignInOrigin.HOST),
                                        "another quiet room")),
                variation("closes and opens it", test -> {
                    test.accounts().disable(by(test.root), SYBIL);
                    test.accounts().enable(by(test.root), SYBIL);
                }),
                variation(
                        "takes away its second factor",
                        test -> test.accounts().resetSecondFactor(by(test.root), SYBIL)),
                variation("waits a year", test -> test.vault.advance(Duration.ofDays(366))),
                variation("restarts the vault", test -> test.vault.restart()),
                variation("takes away again the powerful role that two people gave it", test -> {
                    test.accounts().grant(by(test.root, test.dora), SYBIL, roles("privacy-officer"));
                    test.accounts().revoke(by(test.root), SYBIL, roles("privacy-officer"));
                }));
    }

    private static Arguments variation(String words, Consumer<SecondPersonTest> work) {
        return Arguments.of(words, work);
    }

    @ParameterizedTest(name = "one administrator {0}")
    @MethodSource
    void whateverOneAdministratorDoes(String words, Consumer<SecondPersonTest> work) {
        make(by(root), SYBIL, "supervisor");

        work.accept(this);

        assertNobodysSecond(SYBIL);
    }

    @Test
    void accountOfCommissioningOfTwoPeopleOrWithARoleThatTwoGaveCounts() {
        assertCounts("desk");
        assertThat(accounts().find("desk").maker()).isEmpty();

        make(by(root, dora), "both", "supervisor");
        assertCounts("both");
        assertThat(accounts().find("both").maker()).isEqualTo("root");

        make(by(root), SYBIL, "supervisor");
        accounts().grant(by(root, dora), SYBIL, roles("privacy-officer"));
        assertCounts(SYBIL);
        assertThat(accounts().find(SYBIL).maker()).isEqualTo("root");
    }

    @Test
    void requestThatAnotherApprovesNamesTheAskerAsMakerAndCounts() {
        Approval filed =
                accounts().add(by(abel), "vera", roles("director"), "").filed().orElseThrow();

        approvals().approve(dora, filed.id(), Optional.empty());

        assertThat(accounts().find("vera").maker()).isEqualTo("abel");
        assertCounts("vera");
    }

    /** Outcome, actor and subject of each log entry after the given one. */
    private List<String> said(long since) {
        return vault.entriesFrom(since).stream()
                .map(entry -> entry.outcome() + " " + entry.actor().name() + " "
                        + entry.about().orElse(""))
                .toList();
    }

    @Test
    void accountMadeAfterCommissioningIsAnAlertThatNamesItsMaker() {
        long before = vault.log().reader().size();
        accounts().add(by(root), SYBIL, roles("supervisor"), "");
        assertThat(said(before)).containsExactly("CONFIGURATION root sybil", "ALERT root account-made");

        Approval filed =
                accounts().add(by(abel), "vera", roles("director"), "").filed().orElseThrow();
        before = vault.log().reader().size();
        approvals().approve(dora, filed.id(), Optional.empty());
        assertThat(said(before))
                .endsWith("CONFIGURATION abel vera", "ALERT abel account-made")
                .hasSize(3);
    }

    /** Begins a session of that account and opens so many patrons from that number on. */
    private void open(String name, int from, int howMany) {
        Caller caller = vault.access()
                .resolve(vault.access()
                        .begin(name, AccessTestVault.PASSWORD, Optional.empty(), SignInOrigin.of("desk"))
                        .token());
        vault.take(vault.access().limits().of(caller, patrons(from, howMany), 0, 0));
    }

    private static List<PatronId> patrons(int from, int howMany) {
        return IntStream.range(from, from + howMany).mapToObj(PatronId::new).toList();
    }

    private Problem refusedToOpen(String name, int from) {
        return Refusals.problemOf(() -> open(name, from, 1));
    }

    @Test
    void newAccountsOfOneMakerOpenTogetherWhatOnePersonOpensInTenMinutesAndInADay() {
        List<String> puppets = List.of("sybil1", "sybil2", "sybil3");
        puppets.forEach(name -> make(by(root), name, "circulation"));
        make(by(abel), "other", "circulation");
        for (int i = 0; i < 5; i++) {
            open("sybil1", 1_000 * i, 20);
            open("sybil2", 1_000 * i + 100, 20);
            open("sybil3", 1_000 * i + 200, 20);
            String name = puppets.get(i % 3);
            assertThat(refusedToOpen(name, 9_000)).isEqualTo(Problem.REVEAL_LIMIT);
            vault.advance(Duration.ofMinutes(11));
        }

        assertThat(puppets)
                .allSatisfy(name -> assertThat(refusedToOpen(name, 9_000)).isEqualTo(Problem.REVEAL_LIMIT));
        assertThat(vault.lastEntry().about()).contains("limit-reached");
        open("sybil2", 0, 0);
        open("other", 9_000, 60);
        open("desk", 9_000, 60);

        vault.advance(Duration.ofHours(24));
        puppets.forEach(name -> open(name, 9_000, 60));
    }

    @Test
    void patronWhomAnotherNewAccountOfTheMakerOpenedTodayIsFreeForTheMaker() {
        make(by(root), "sybil1", "circulation");
        make(by(root), "sybil2", "circulation");
        open("sybil1", 0, 60);
        open("sybil2", 0, 60);
    }

    @Test
    void newAccountAtTheCommandLineCountsForItsMakerToo() {
        make(by(root), "sybil1", "circulation");
        make(by(root), "sybil2", "circulation");
        open("sybil1", 0, 60);
        Caller caller = vault.access()
                .acting(
                        vault.access().signIn().prove("sybil2", AccessTestVault.PASSWORD, SignInOrigin.HOST),
                        Optional.empty());
        assertThat(Refusals.problemOf(() -> vault.take(vault.access().limits().of(caller, patrons(100, 1), 0, 0))))
                .isEqualTo(Problem.REVEAL_LIMIT);
    }

    @Test
    void sixthDeskAccountInSevenDaysIsAnAlertOfItsOwn() {
        for (int i = 1; i <= 5; i++) {
            accounts().add(by(i % 2 == 0 ? root : abel), "new" + i, roles("page"), "");
        }
        accounts().add(by(root, dora), "vera", roles("director"), "");
        assertThat(vault.lastEntry().about()).contains("account-made");

        accounts().add(by(root), "new6", roles("page"), "");

        assertThat(vault.lastEntry().about()).contains("many-accounts");
        assertThat(vault.lastEntry().actor()).isEqualTo(root);
        accounts().add(by(root), "new7", roles("page"), "");
        assertThat(vault.lastEntry().about()).as("told once").contains("account-made");

        vault.advance(Duration.ofDays(7));
        accounts().add(by(root), "new8", roles("page"), "");
        assertThat(vault.lastEntry().about()).contains("account-made");
    }

    @Test
    void accountThatOneAdministratorTookOverByItsPasswordCountsAgainOnceTwoGaveItOne() {
        activated("desk", accounts().resetPassword(by(root), "desk"));
        assertNobodysSecond("desk");

        activated("desk", accounts().resetPassword(by(root, dora), "desk"));

        assertCounts("desk");
    }

    @Test
    void secondPersonWhoIsUnfitMakesNoDifferenceWhereOneIsEnough() {
        Actor kim = new Actor(Actor.Kind.STAFF, "desk", "circulation", "");

        make(by(root, kim), SYBIL, "supervisor");

        assertNobodysSecond(SYBIL);
    }

    @Test
    void makerIsNotTheSecondPersonOfWhatHisOwnAccountAsks() {
        Actor sybil = make(by(root), SYBIL, "outreach");
        Approval filed = approvals()
                .leave(Approvals.Requester.alone(sybil), MAIL)
                .filed()
                .orElseThrow();

        assertThat(Refusals.problemOf(() -> approvals().approve(root, filed.id(), Optional.empty())))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        assertThat(Refusals.problemOf(() -> approvals().leave(by(sybil, root), MAIL)))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);

        assertThat(approvals().approve(dora, filed.id(), Optional.empty()).state())
                .isEqualTo(Approval.State.DONE);
    }

    @Test
    void requestThatIsOlderThanTheAccountIsNotApprovedByIt() {
        Approval filed = approvals().leave(by(abel), MAIL).filed().orElseThrow();
        make(by(root), SYBIL, "supervisor");
        Actor asAdmin = new Actor(Actor.Kind.STAFF, SYBIL, "admin", "");

        assertThat(Refusals.problemOf(() -> approvals().approve(asAdmin, filed.id(), Optional.empty())))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
    }

    @Test
    void leaveEndsWhenTheAccountThatGaveItIsTakenOver() {
        Actor vera = make(by(root, dora), "vera", "circulation", "director");
        Approval filed = approvals().leave(by(abel), MAIL).filed().orElseThrow();
        approvals().approve(new Actor(Actor.Kind.STAFF, vera.name(), "director", ""), filed.id(), Optional.empty());
        accounts().revoke(by(root), "vera", roles("director"));
        activated("vera", accounts().resetPassword(by(root), "vera"));

        assertThat(approvals().leave(by(abel), MAIL).filed()).isPresent();
    }

    private static void assertFiled(Approvals.Answer answer) {
        assertThat(answer.filed()).isPresent();
    }

    @Test
    void lastTwoWhoCanAgreeAreNotClosedByOnePerson() {
        assertThat(accounts().disable(by(root), "abel").filed())
                .as("three are left")
                .isEmpty();

        assertFiled(accounts().disable(by(root), "dora"));
        assertFiled(accounts().revoke(by(root), "dora", roles("director")));
        assertFiled(accounts().disable(by(root), "root"));
        assertFiled(accounts().revoke(by(root), "root", roles("admin", "page")));

        assertThat(accounts().find("dora").disabled()).isFalse();
        assertThat(accounts().find("root").roles()).containsExactly("admin");
        assertThat(accounts().disable(by(root), "desk").filed())
                .as("anybody else")
                .isEmpty();
        assertThat(accounts().revoke(by(root), "dora", roles("page")).filed())
                .as("another role")
                .isEmpty();
    }

    @Test
    void lastTwoAreClosedByTwoPeople() {
        accounts().disable(by(root), "abel");
        Approval filed = accounts().disable(by(root), "dora").filed().orElseThrow();
        assertThat(filed.sentence()).isEqualTo("Close the account dora.");

        assertThat(Refusals.problemOf(() -> approvals().approve(root, filed.id(), Optional.empty())))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        approvals().approve(dora, filed.id(), Optional.empty());

        assertThat(accounts().find("dora").disabled()).isTrue();
        assertThat(vault.lastEntry().outcome()).isEqualTo(Outcome.REVOKED);
        assertThat(vault.lastEntry().second().orElseThrow().name()).isEqualTo("dora");
        assertFiled(accounts().disable(by(root), "root"));
    }

    @Test
    void onlyWhoCanReallyAgreeIsAmongTheLastTwo() {
        accounts().disable(by(root), "abel");
        make(by(root), SYBIL, "circulation");
        accounts().add(by(root, dora), "vera", roles("director"), "");
        assertThat(accounts().find("vera").activated()).isFalse();

        assertFiled(accounts().disable(by(root), "dora"));

        String code = accounts().resetPassword(by(root, dora), "vera").secret().orElseThrow();
        accounts()
                .setOwnPassword(
                        vault.access().signIn().prove("vera", code, SignInOrigin.HOST), AccessTestVault.PASSWORD);
        assertThat(accounts().disable(by(root), "dora").filed()).isEmpty();
    }

    @Test
    void twoWhoCloseEachOtherAtTheSameTimeAreNotBothClosed() throws Exception {
        List<Callable<Approvals.Answer>> tries = List.of(
                () -> accounts().disable(by(root), "abel"),
                () -> accounts().disable(by(abel), "root"),
                () -> accounts().disable(by(root), "dora"));
        ExecutorService threads = Executors.newFixedThreadPool(tries.size());
        try {
            int closed = 0;
            for (Future<Approvals.Answer> one : threads.invokeAll(tries)) {
                closed += one.get().filed().isEmpty() ? 1 : 0;
            }
            assertThat(closed).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void accountRowOfAnEarlierVersionIsReadAndCounts() {
        String body = "{\"roles\":[\"supervisor\"],\"library\":\"\",\"password\":null,\"activation\":false,"
                + "\"disabled\":false,\"epoch\":3,\"created\":1764000000,\"signOn\":\"\"}";

        StaffAccount old = Authority.unproven(
                new AuthorityRows.Row(StaffAccount.KIND, "sue", 1, body, new byte[0]), StaffAccount.class);

        assertThat(old.maker()).isEmpty();
        assertThat(old.countsAsSecond()).isTrue();
    }
}

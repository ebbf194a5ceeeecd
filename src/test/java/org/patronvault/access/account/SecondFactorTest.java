package org.patronvault.access.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.binary.Base32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.Access;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.PolicyFile;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecondFactorTest {
    private static final SignInOrigin DESK = SignInOrigin.of("10.0.0.7");
    private static final Duration STEP = Duration.ofSeconds(30);

    private AccessTestVault vault;
    private Actor anna;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @BeforeEach
    void employOnlyAnna() {
        vault = vault.next();
        vault.policy.put(PolicyFile.parse(PolicyFile.defaultText()));
        anna = vault.staff("anna", "circulation", "director");
    }

    @AfterAll
    void close() {
        vault.close();
    }

    private static SignIn.Credentials with(String otp) {
        return new SignIn.Credentials("anna", AccessTestVault.PASSWORD, otp);
    }

    private SignIn.Identity prove(String otp) {
        return vault.access().signIn().prove(with(otp), DESK);
    }

    private Refused refused(String otp) {
        return Refusals.refusedBy(() -> prove(otp));
    }

    private void assertWrong(String otp) {
        assertThat(refused(otp).problem()).isEqualTo(Problem.INVALID_CREDENTIALS);
    }

    /** The code that an app with that secret shows now. */
    private String code(String secret) {
        return Totp.code(new Base32().decode(secret), vault.clock.instant().getEpochSecond() / 30);
    }

    private String begin(String presentCode) {
        return vault.access().secondFactor().begin(prove(presentCode)).secret();
    }

    private List<String> confirm(String otp) {
        return vault.access().signIn().confirm(with(otp), DESK);
    }

    /** Enrols a factor and waits until its next code; gives the secret. */
    private String enrolled() {
        String secret = begin("");
        confirm(code(secret));
        vault.advance(STEP);
        return secret;
    }

    private void require(String role) {
        String text = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        vault.policy.put(PolicyFile.parse(
                text.replace("secondFactor: []", "secondFactor: [" + role + "]").getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void codeIsAskedForOnceAFirstOneConfirmedTheFactor() {
        String secret = begin("");
        assertThat(prove("").secondFactor()).isFalse();
        assertThat(confirm(code(secret))).hasSize(10).doesNotHaveDuplicates();
        assertWrong("");
        assertWrong("000000");
        vault.advance(STEP);
        assertThat(prove(code(secret)).secondFactor()).isTrue();
    }

    @Test
    void firstCodeThatIsWrongConfirmsNothing() {
        String secret = begin("");
        assertThat(Refusals.problemOf(() -> confirm("000000"))).isEqualTo(Problem.INVALID_CREDENTIALS);
        SignIn.Credentials guess = new SignIn.Credentials("anna", "not that password", code(secret));
        assertThat(Refusals.problemOf(() -> vault.access().signIn().confirm(guess, DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
        assertThat(prove("").secondFactor()).isFalse();
    }

    @Test
    void confirmingWhatWasNotBegunTellsNothingOfThePassword() {
        Refused right = Refusals.refusedBy(() -> confirm("000000"));
        SignIn.Credentials guess = new SignIn.Credentials("anna", "not that password", "000000");
        Refused wrong = Refusals.refusedBy(() -> vault.access().signIn().confirm(guess, DESK));
        assertThat(right.problem()).isEqualTo(Problem.INVALID_CREDENTIALS);
        assertThat(right).hasMessage(wrong.getMessage());
    }

    @Test
    void codeWorksOnceAndIsUsedUpAfterARestartToo() {
        String secret = enrolled();
        String code = code(secret);
        prove(code);
        assertWrong(code);
        vault.restart();
        assertWrong(code);
        vault.advance(STEP);
        assertWrong(code);
        prove(code(secret));
    }

    @Test
    void codeOfAnEarlierStepIsRefusedAfterALaterOne() {
        String secret = enrolled();
        String earlier = code(secret);
        vault.advance(STEP);
        prove(code(secret));
        assertWrong(earlier);
    }

    @Test
    void codeThatConfirmedIsUsedUp() {
        String secret = begin("");
        String first = code(secret);
        confirm(first);
        assertWrong(first);
    }

    @Test
    void ofManyAtOnceWithOneCodeOneSignsIn() throws Exception {
        String code = code(enrolled());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> tries = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                tries.add(() -> {
                    try {
                        return prove(code).secondFactor();
                    } catch (Refused e) {
                        return false;
                    }
                });
            }
            List<Boolean> signedIn = new ArrayList<>();
            for (Future<Boolean> one : threads.invokeAll(tries)) {
                signedIn.add(one.get());
            }
            assertThat(signedIn).containsOnlyOnce(true);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void missingWrongAndUsedCodesAreTheAnswerOfAWrongPasswordAndLock() {
        String secret = enrolled();
        String code = code(secret);
        prove(code);
        SignIn.Credentials guess = new SignIn.Credentials("anna", "not that password", code);
        List<Refused> answers = List.of(
                Refusals.refusedBy(() -> vault.access().signIn().prove(guess, DESK)),
                refused(""),
                refused("123456"),
                refused(code),
                refused("x".repeat(4_096)));
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.problem()).isEqualTo(Problem.INVALID_CREDENTIALS);
            assertThat(answer).hasMessage(answers.get(0).getMessage());
        });
        vault.advance(Duration.ofSeconds(1));
        assertThat(refused(code(secret)).problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
        vault.advance(STEP);
        assertThat(prove(code(secret)).secondFactor()).isTrue();
    }

    @Test
    void wrongCodeIsLoggedAsAFailedSignInAndNotAsTyped() {
        enrolled();
        assertWrong("123456");
        AccessEvent entry = vault.lastEntry();
        assertThat(entry.act()).isEqualTo(ActKind.SIGN_IN);
        assertThat(entry.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(entry.actor()).isEqualTo(Actor.NOBODY);
        assertThat(entry.about()).contains("anna");
    }

    @Test
    void recoveryCodeWorksOnceInAnySpellingAndIsLoggedAsSuch() {
        String secret = begin("");
        List<String> codes = confirm(code(secret));
        for (String code : codes) {
            assertThat(code).matches("[2-9a-hjkmnp-z]{5}-[2-9a-hjkmnp-z]{5}");
            String spelled = " " + code.toUpperCase(java.util.Locale.ROOT).replace("-", " ");
            assertThat(prove(spelled).secondFactor()).isTrue();
            assertThat(vault.lastEntry().about()).contains("recovery-code");
            assertThat(vault.lastEntry().actor().name()).isEqualTo("anna");
        }
        vault.restart();
        assertWrong(codes.get(0));
        assertWrong(codes.get(9));
    }

    @Test
    void neitherSeedNorRecoveryCodesAreStoredReadably() {
        String secret = begin("");
        List<String> shown = new ArrayList<>(confirm(code(secret)));
        shown.addAll(shown.stream().map(code -> code.replace("-", "")).toList());
        shown.add(secret);
        shown.add(Base64.getEncoder().withoutPadding().encodeToString(new Base32().decode(secret)));
        for (String one : shown) {
            assertThat(vault.tamper("UPDATE authority SET name = name WHERE body LIKE ?", "%" + one + "%"))
                    .isZero();
        }
    }

    @Test
    void seedIsSealedToVaultAndUserName() {
        String secret = enrolled();
        String body = vault.store()
                .read(tx -> tx.authority().find("second-factor", "anna"))
                .orElseThrow()
                .body();
        Matcher seed = Pattern.compile("\"seed\":\"([^\"]+)\"").matcher(body);
        assertThat(seed.find()).isTrue();
        byte[] aad = CanonicalBytes.begin("pv1.second-factor")
                .lp("access-test")
                .lp("anna")
                .bytes();
        byte[] opened =
                vault.custody.keys().totp().open(aad, Base64.getDecoder().decode(seed.group(1)));
        assertThat(opened).isEqualTo(new Base32().decode(secret));
    }

    @Test
    void roleThatNeedsAFactorIsClosedWithoutOneAndOthersAreOpen() {
        require("director");
        Access access = vault.access();
        assertThat(access.begin(with(""), Optional.empty(), DESK).role()).isEqualTo("circulation");
        Refused refused = Refusals.refusedBy(() -> access.begin(with(""), Optional.of("director"), DESK));
        assertThat(refused.problem()).isEqualTo(Problem.SECOND_FACTOR_REQUIRED);
        assertThat(refused).hasMessageContaining("staff second-factor");
        assertThat(Refusals.problemOf(() -> access.acting(prove(""), Optional.of("director"))))
                .isEqualTo(Problem.SECOND_FACTOR_REQUIRED);

        String secret = enrolled();
        assertThat(access.begin(with(code(secret)), Optional.of("director"), DESK)
                        .role())
                .isEqualTo("director");
        assertThat(Refusals.problemOf(() -> access.begin(with(""), Optional.of("circulation"), DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
    }

    @Test
    void sessionWithoutAFactorEndsWhenThePolicyAsksForOne() {
        String director =
                vault.access().begin(with(""), Optional.of("director"), DESK).token();
        String clerk =
                vault.access().begin(with(""), Optional.of("circulation"), DESK).token();
        vault.access().resolve(director);
        require("director");
        vault.nanos.addAndGet(Duration.ofMillis(501).toNanos());
        assertThat(Refusals.problemOf(() -> vault.access().resolve(director))).isEqualTo(Problem.NOT_SIGNED_IN);
        assertThat(vault.access().resolve(clerk).actor().role()).isEqualTo("circulation");
    }

    @Test
    void factorIsReplacedByItsOwnCodeAndStaysInForceUntilTheNewOneIsConfirmed() {
        String old = enrolled();
        assertThat(Refusals.problemOf(() -> begin(""))).isEqualTo(Problem.INVALID_CREDENTIALS);
        String fresh = begin(code(old));
        vault.advance(STEP);
        assertWrong(code(fresh));
        prove(code(old));
        List<String> recovery = confirm(code(fresh));
        vault.advance(STEP);
        assertWrong(code(old));
        assertThat(prove(code(fresh)).secondFactor()).isTrue();
        assertThat(prove(recovery.get(0)).secondFactor()).isTrue();
    }

    @Test
    void recoveryCodesOfAReplacedFactorAreVoid() {
        String old = begin("");
        List<String> recovery = confirm(code(old));
        String fresh = begin(recovery.get(0));
        confirm(code(fresh));
        assertWrong(recovery.get(1));
    }

    @Test
    void removedFactorLetsThePersonEnrolAnew() {
        String old = enrolled();
        vault.write(tx -> vault.access().secondFactor().remove(tx, "anna"));
        assertThat(prove("").secondFactor()).isFalse();
        String fresh = enrolled();
        assertThat(fresh).isNotEqualTo(old);
        assertThat(prove(code(fresh)).secondFactor()).isTrue();
        vault.write(tx -> vault.access().secondFactor().remove(tx, "nobody"));
    }

    @Test
    void lostFactorOfThePowerfulIsTakenAwayByTwoAndItsSessionsEnd() {
        Actor root = vault.staff("root", "admin");
        Actor dora = vault.staff("dora", "director");
        vault.staff("paul", "page", "custodian");
        String secret = vault.access()
                .secondFactor()
                .begin(vault.access().signIn().prove("paul", AccessTestVault.PASSWORD, DESK))
                .secret();
        vault.access().signIn().confirm(new SignIn.Credentials("paul", AccessTestVault.PASSWORD, code(secret)), DESK);
        vault.advance(STEP);
        vault.storeFirstPatron();
        String session = vault.access()
                .begin(new SignIn.Credentials("paul", AccessTestVault.PASSWORD, code(secret)), Optional.empty(), DESK)
                .token();
        Accounts accounts = vault.access().accounts();
        Approval filed = accounts.resetSecondFactor(Approvals.Requester.alone(root), "paul")
                .filed()
                .orElseThrow();
        assertThat(vault.access().resolve(session).actor().name()).isEqualTo("paul");
        vault.access().approvals().approve(dora, filed.id(), Optional.of(filed.digest()));
        vault.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(Refusals.problemOf(() -> vault.access().resolve(session))).isEqualTo(Problem.NOT_SIGNED_IN);
        assertThat(vault.access()
                        .signIn()
                        .prove(new SignIn.Credentials("paul", AccessTestVault.PASSWORD, ""), DESK)
                        .secondFactor())
                .isFalse();
    }

    @Test
    void sessionBegunByThePasswordAloneEndsWhenAFactorIsConfirmed() {
        String token = vault.access().begin(with(""), Optional.empty(), DESK).token();
        assertThat(vault.access().resolve(token).actor().name()).isEqualTo("anna");
        confirm(code(begin("")));
        vault.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(Refusals.problemOf(() -> vault.access().resolve(token))).isEqualTo(Problem.NOT_SIGNED_IN);
    }

    @Test
    void activationCodeEnrolsNothing() {
        Actor root = vault.staff("root", "admin");
        String activation = vault.access()
                .accounts()
                .resetPassword(Approvals.Requester.alone(root), "anna")
                .secret()
                .orElseThrow();
        SignIn.Identity withCode = vault.access().signIn().prove("anna", activation, DESK);
        assertThat(Refusals.problemOf(() -> vault.access().secondFactor().begin(withCode)))
                .isEqualTo(Problem.NOT_ALLOWED);
    }

    @Test
    void accountsThatLackOneAreCounted() {
        vault.staff("dora", "director");
        vault.staff("gone", "director");
        vault.staff("paul", "page");
        vault.access().accounts().disable(Approvals.Requester.alone(anna), "gone");
        assertThat(lacking("director")).isEqualTo(2);
        begin("");
        assertThat(lacking("director")).isEqualTo(2);
        enrolled();
        assertThat(lacking("director")).isEqualTo(1);
        assertThat(lacking("outreach")).isZero();
    }

    private long lacking(String role) {
        return vault.store().read(tx -> SecondFactor.lacking(tx, Set.of(role)));
    }

    @Test
    void whoProvedThePasswordAloneBeforeTheFactorWasConfirmedReplacesItNoMore() {
        SignIn.Identity thief = prove("");
        enrolled();
        assertThat(Refusals.problemOf(() -> vault.access().secondFactor().begin(thief)))
                .isEqualTo(Problem.CHANGED_MEANWHILE);
    }
}

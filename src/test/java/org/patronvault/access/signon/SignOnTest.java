package org.patronvault.access.signon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.QuickAccess;
import org.patronvault.access.Refusals;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.account.StaffFacts;
import org.patronvault.access.session.Sessions;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.TestProvider;

/** Tests of every check in sign-on.md, each against a provider that does that one thing wrong. */
final class SignOnTest {
    private static final SignInOrigin DESK = SignInOrigin.of("10.0.0.7");
    private static final String VAULT = "http://127.0.0.1:8080";
    private static final Actor ROOT = new Actor(Actor.Kind.STAFF, "root", "admin", "");
    private static final String POLICY = """
            signOn:
              heads: [supervisor, circulation]
              desk: [circulation]
            """;

    @TempDir
    private static Path shared;

    private static AccessTestVault vault;
    private TestProvider provider;
    private SignOn signOn;

    @BeforeAll
    static void open() {
        vault = new AccessTestVault(shared);
    }

    @AfterAll
    static void closeAll() {
        vault.close();
    }

    @BeforeEach
    void start() throws IOException {
        vault = vault.next();
        String text = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        vault.policy.put(PolicyFile.parse(text.replace("signOn: {}\n", POLICY).getBytes(StandardCharsets.UTF_8)));
        provider = TestProvider.start();
        signOn = vault.access().signOn();
        signOn.use(new OpenIdProvider(provider.settings(shared, VAULT), vault.nanos::get));
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private static Map<String, Object> kim(String... groups) {
        return Map.of("preferred_username", "Kim", "groups", List.of(groups), "library", "NC");
    }

    private Sessions.NewSession signOn(String subject, Map<String, Object> said) {
        return signOn(subject, said, answer -> {});
    }

    private Sessions.NewSession signOn(
            String subject, Map<String, Object> said, Consumer<Map<String, List<String>>> onTheWay) {
        SignOn.Redirect began = signOn.begin(DESK);
        Map<String, List<String>> answer = new HashMap<>(provider.signOn(began.provider(), subject, said));
        onTheWay.accept(answer);
        return signOn.finish(Optional.of(began.cookie()), answer, DESK);
    }

    private Refused refused(Map<String, Object> said) {
        return Refusals.refusedBy(() -> signOn("1", said));
    }

    private StaffFacts account(String name) {
        return vault.access().accounts().find(name);
    }

    private Actor actor(Sessions.NewSession begun) {
        return vault.access().resolve(begun.token()).actor();
    }

    private static void assertRefusal(AccessEvent entry, Actor by) {
        assertThat(entry.act()).isEqualTo(ActKind.SIGN_IN);
        assertThat(entry.outcome()).isIn(Outcome.REFUSED, Outcome.FAILED);
        assertThat(entry.about()).hasValue("sign-on");
        assertThat(entry.actor()).isEqualTo(by);
    }

    @Test
    void firstSignOnMakesTheAccountWithTheRolesOfTheGroups() {
        long before = vault.log().reader().size();
        Sessions.NewSession begun = signOn("1", kim("choir", "desk"));
        assertThat(actor(begun)).isEqualTo(new Actor(Actor.Kind.STAFF, "kim", "circulation", "NC"));
        StaffFacts kim = account("kim");
        assertThat(kim.roles()).containsExactly("circulation");
        assertThat(kim.signOn()).isTrue();
        List<AccessEvent> entries = vault.entriesFrom(before);
        assertThat(entries).extracting(AccessEvent::act).containsExactly(ActKind.STAFF, ActKind.SIGN_IN);
        assertThat(entries.get(0).about()).hasValue("kim");
        assertThat(entries.get(0).actor()).isEqualTo(Actor.VAULT);
        assertThat(entries.get(1).about()).hasValue("sign-on");
        assertThat(entries.get(1).outcome()).isEqualTo(Outcome.SESSION);
        assertThat(entries.get(1).actor().name()).isEqualTo("kim");
    }

    @Test
    void accountThatAProviderMakesAfterCommissioningIsAnAlert() {
        vault.storeFirstPatron();
        long before = vault.log().reader().size();
        signOn("1", kim("desk"));
        List<AccessEvent> entries = vault.entriesFrom(before);
        assertThat(entries)
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.CONFIGURATION, Outcome.ALERT, Outcome.SESSION);
        assertThat(entries.get(1).about()).hasValue("account-made");
        assertThat(entries.get(1).actor()).isEqualTo(Actor.VAULT);

        before = vault.log().reader().size();
        signOn("1", kim("heads"));
        assertThat(vault.entriesFrom(before))
                .as("only the first time")
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.CONFIGURATION, Outcome.SESSION);
    }

    @Test
    void rolesComeInTheOrderOfThePolicyAndTheFirstIsActedIn() {
        Sessions.NewSession begun = signOn("1", kim("desk", "heads"));
        assertThat(begun.roles()).containsExactly("supervisor", "circulation");
        assertThat(begun.role()).isEqualTo("supervisor");
        assertThat(vault.access().sessions().actAs(begun.token(), "circulation").role())
                .isEqualTo("circulation");
    }

    @Test
    void whoIsCalledOtherwiseThereKeepsTheNameHere() {
        signOn("1", kim("desk"));
        Map<String, Object> married = Map.of("preferred_username", "kim.lee", "groups", "desk", "library", "NC");
        assertThat(actor(signOn("1", married)).name()).isEqualTo("kim");
        assertThat(Refusals.problemOf(() -> account("kim.lee"))).isEqualTo(Problem.NOT_FOUND);
    }

    @Test
    void otherGroupsAreOtherRolesAndEndTheSessionsOfBefore() {
        Sessions.NewSession before = signOn("1", kim("desk"));
        Sessions.NewSession after = signOn("1", kim("heads"));
        assertThat(account("kim").roles()).containsExactly("supervisor", "circulation");
        vault.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(Refusals.problemOf(() -> actor(before))).isEqualTo(Problem.NOT_SIGNED_IN);
        assertThat(actor(after).role()).isEqualTo("supervisor");
    }

    @Test
    void whoIsInNoSuchGroupAnyMoreLosesEveryRoleAndEverySession() {
        Sessions.NewSession before = signOn("1", kim("desk"));
        Refused refused = refused(kim("choir"));
        assertThat(refused.problem()).isEqualTo(Problem.NOT_ALLOWED);
        assertThat(account("kim").roles()).isEmpty();
        assertRefusal(vault.lastEntry(), new Actor(Actor.Kind.STAFF, "kim", "", "NC"));
        vault.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(Refusals.problemOf(() -> actor(before))).isEqualTo(Problem.NOT_SIGNED_IN);
    }

    @Test
    void whoIsInNoSuchGroupGetsNoAccountAndIsNotNamed() {
        assertThat(refused(kim("choir")).problem()).isEqualTo(Problem.NOT_ALLOWED);
        assertThat(Refusals.problemOf(() -> account("kim"))).isEqualTo(Problem.NOT_FOUND);
        assertRefusal(vault.lastEntry(), Actor.NOBODY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Kim the Reader", "kim/../root"})
    void whatCanBeNoNameHereMakesNoAccount(String name) {
        assertThat(refused(Map.of("preferred_username", name, "groups", "desk")).getMessage())
                .contains("user name")
                .doesNotContain("Reader");
    }

    @Test
    void closedAccountStaysClosedWhateverTheProviderSays() {
        signOn("1", kim("desk"));
        vault.access().accounts().disable(Approvals.Requester.alone(ROOT), "kim");
        assertThat(refused(kim("desk", "heads")).getMessage()).contains("closed");
        assertThat(account("kim").roles()).containsExactly("circulation");
        assertThat(account("kim").disabled()).isTrue();
    }

    @Test
    void nameThatIsTakenIsNotTakenOverUntilAnAdministratorLinksIt() {
        vault.staff("kim", "page");
        String sentence = refused(kim("desk")).getMessage();
        assertRefusal(vault.lastEntry(), Actor.NOBODY);
        assertThat(account("kim").signOn()).isFalse();
        String code = sentence.replaceFirst("(?s).*staff link kim ([0-9a-f]{32}).*", "$1");
        signOn.accounts().link(Approvals.Requester.alone(ROOT), "kim", code);
        assertThat(vault.lastEntry().outcome())
                .as("remembered where a database is put back")
                .isEqualTo(Outcome.REVOKED);
        assertThat(actor(signOn("1", kim("desk"))).name()).isEqualTo("kim");
        assertThat(account("kim").roles()).containsExactly("circulation");
        // From now on by that way alone.
        assertThat(Refusals.problemOf(() -> vault.access().signIn().prove("kim", AccessTestVault.PASSWORD, DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
        // And by nobody else there.
        assertThat(Refusals.problemOf(() -> signOn("2", kim("desk")))).isEqualTo(Problem.NOT_ALLOWED);
    }

    @Test
    void unlinkedAccountIsALocalOneWithoutAPassword() {
        signOn("1", kim("desk"));
        signOn.accounts().unlink(Approvals.Requester.alone(ROOT), "kim");
        assertThat(vault.lastEntry().outcome()).isEqualTo(Outcome.REVOKED);
        assertThat(refused(kim("desk")).getMessage()).contains("staff link kim");
        assertThat(vault.access()
                        .accounts()
                        .resetPassword(Approvals.Requester.alone(ROOT), "kim")
                        .secret())
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"director", "custodian", "privacy-officer", "admin"})
    void powerfulAccountCannotBeLinked(String role) {
        vault.staff("kim", "circulation", role);
        String code = refused(kim("desk")).getMessage().replaceFirst("(?s).*kim ([0-9a-f]{32}).*", "$1");
        assertThat(Refusals.refusedBy(() -> signOn.accounts().link(Approvals.Requester.alone(ROOT), "kim", code))
                        .getMessage())
                .contains("no provider gives");
        assertThat(account("kim").signOn()).isFalse();
    }

    @Test
    void accountOfTheProviderIsGivenNothingHere() {
        signOn("1", kim("desk"));
        Accounts accounts = vault.access().accounts();
        Approvals.Requester asking = Approvals.Requester.alone(ROOT);
        assertThat(Refusals.problemOf(() -> accounts.grant(asking, "kim", List.of(new Role("supervisor")))))
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(Refusals.problemOf(() -> accounts.grant(asking, "kim", List.of(Role.DIRECTOR))))
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(Refusals.problemOf(() -> accounts.revoke(asking, "kim", List.of(new Role("circulation")))))
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(Refusals.problemOf(() -> accounts.resetPassword(asking, "kim")))
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(account("kim").roles()).containsExactly("circulation");
    }

    @Test
    void roleThatNeedsASecondFactorTakesOneAtTheProvider() {
        String text = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("signOn: {}\n", POLICY)
                .replace("secondFactor: []", "secondFactor: [supervisor]");
        vault.policy.put(PolicyFile.parse(text.getBytes(StandardCharsets.UTF_8)));
        // The first role that may be acted in.
        assertThat(signOn("1", kim("heads")).role()).isEqualTo("circulation");
        Map<String, Object> twice = new HashMap<>(kim("heads"));
        twice.put("amr", List.of("pwd", "mfa"));
        assertThat(signOn("1", twice).role()).isEqualTo("supervisor");
        twice.remove("amr");
        twice.put("acr", "mfa");
        assertThat(signOn("1", twice).role()).isEqualTo("supervisor");
        twice.put("acr", "pwd");
        assertThat(signOn("1", twice).role()).isEqualTo("circulation");
    }

    @Test
    void libraryIsWhatTheProviderSaysAndElseStays() {
        signOn("1", kim("desk"));
        assertThat(actor(signOn("1", Map.of("preferred_username", "kim", "groups", "desk")))
                        .library())
                .isEqualTo("NC");
        assertThat(refused(Map.of("groups", "desk", "library", "no such library!"))
                        .getMessage())
                .contains("library");
    }

    // Faults of a token.

    private static Arguments token(String what, Consumer<JWTClaimsSet.Builder> claims) {
        return Arguments.of(what, (Consumer<TestProvider>) provider -> provider.claims = claims);
    }

    private static Arguments signed(String what, Function<TestProvider, Function<JWTClaimsSet, JWT>> by) {
        return Arguments.of(what, (Consumer<TestProvider>) provider -> provider.signer = by.apply(provider));
    }

    private static Date in(long seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private static SignedJWT withMac(JWTClaimsSet claims, byte[] key) {
        try {
            SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
            token.sign(new MACSigner(key));
            return token;
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] publicKey(RSAKey key) {
        try {
            return key.toRSAPublicKey().getEncoded();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RSAKey otherKey(RSAKey like) {
        return new RSAKey.Builder(TestProvider.newKey()).keyID(like.getKeyID()).build();
    }

    static Stream<Arguments> wrongTokens() {
        return Stream.of(
                token("another issuer", claims -> claims.issuer("https://evil.example.org")),
                token("no issuer", claims -> claims.issuer(null)),
                token("another audience", claims -> claims.audience("another-client")),
                token("no audience", claims -> claims.audience((String) null)),
                token(
                        "more audiences and another party",
                        claims -> claims.audience(List.of(TestProvider.CLIENT, "another-client"))
                                .claim("azp", "another-client")),
                token("another nonce", claims -> claims.claim("nonce", "of another browser")),
                token("no nonce", claims -> claims.claim("nonce", null)),
                token("expired", claims -> claims.expirationTime(in(-90))),
                token("no end", claims -> claims.expirationTime(null)),
                token("issued tomorrow", claims -> claims.issueTime(in(86_400)).expirationTime(in(90_000))),
                token(
                        "more audiences and no party",
                        claims -> claims.audience(List.of(TestProvider.CLIENT, "another-client"))),
                token("another party", claims -> claims.claim("azp", "another-client")),
                token("nobody says when it was issued", claims -> claims.issueTime(null)),
                token("no subject", claims -> claims.subject(null)),
                token(
                        "password of an hour ago",
                        claims -> claims.claim("auth_time", Instant.now().getEpochSecond() - 3_600)),
                token(
                        "password that somebody else typed half a minute ago",
                        claims -> claims.claim("auth_time", Instant.now().getEpochSecond() - 30)),
                token("subject that is blank", claims -> claims.subject(" ")),
                token("nobody says when the password was typed", claims -> claims.claim("auth_time", null)),
                signed("not signed", provider -> PlainJWT::new),
                signed(
                        "a MAC under the client's secret",
                        provider -> claims -> withMac(
                                claims, "a-secret-of-the-vault-and-more-of-it".getBytes(StandardCharsets.UTF_8))),
                signed("a MAC under the public key", provider -> claims -> withMac(claims, publicKey(provider.key()))),
                signed(
                        "another key of that name",
                        provider ->
                                claims -> TestProvider.signed(claims, otherKey(provider.key()), JWSAlgorithm.RS256)));
    }

    @Test
    void tokenWithoutATimeOfThePasswordIsRefusedWithTheCureWhateverAgeIsAllowed() throws Exception {
        provider.claims = claims -> claims.claim("auth_time", null);
        OpenIdProvider asked = new OpenIdProvider(provider.settings(shared, VAULT));
        SignOnAttempt attempt = SignOnAttempt.begin(Prf.of(new byte[32]), Instant.now());
        Map<String, List<String>> answer = provider.signOn(asked.address(attempt), "1", kim("desk"));
        assertThatThrownBy(() -> asked.identify(attempt, answer, Instant.now()))
                .isInstanceOf(SignOnRefused.class)
                .hasMessageContainingAll("no auth_time", "have the provider put it into ID tokens");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongTokens")
    void tokenThatDoesNotHoldSignsNobodyOn(String what, Consumer<TestProvider> wrong) {
        wrong.accept(provider);
        Refused refused = refused(kim("desk"));
        assertThat(refused.problem()).as(what).isEqualTo(Problem.INVALID_CREDENTIALS);
        assertThat(refused.getMessage()).contains("does not hold");
        assertRefusal(vault.lastEntry(), Actor.NOBODY);
        assertThat(Refusals.problemOf(() -> account("kim"))).isEqualTo(Problem.NOT_FOUND);
    }

    @Test
    void keyThatIsNewAtTheProviderIsFetched() {
        signOn("1", kim("desk"));
        signOn("1", kim("desk"));
        assertThat(provider.keysAsked).isEqualTo(1);
        provider.rotate();
        signOn("1", kim("desk"));
        assertThat(provider.keysAsked).isEqualTo(2);
    }

    @Test
    void keyOfBeforeIsNotBelievedOnceItWasSeenToBeGone() {
        signOn("1", kim("desk"));
        RSAKey old = provider.key();
        provider.rotate();
        signOn("1", kim("desk"));
        provider.signer = claims -> TestProvider.signed(claims, old, JWSAlgorithm.RS256);
        assertThat(refused(kim("desk")).problem()).isIn(Problem.INVALID_CREDENTIALS, Problem.VERIFIER_UNAVAILABLE);
    }

    // Faults of the way back.

    private Refused refusedWay(Consumer<Map<String, List<String>>> onTheWay) {
        return Refusals.refusedBy(() -> signOn("1", kim("desk"), onTheWay));
    }

    @Test
    void stateOfAnotherBrowserSignsNobodyOn() {
        SignOn.Redirect victim = signOn.begin(DESK);
        SignOn.Redirect attacker = signOn.begin(DESK);
        Map<String, List<String>> his = provider.signOn(attacker.provider(), "attacker", kim("desk"));
        assertThat(Refusals.problemOf(() -> signOn.finish(Optional.of(victim.cookie()), his, DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
        assertRefusal(vault.lastEntry(), Actor.NOBODY);
        assertThat(Refusals.problemOf(() -> signOn.finish(Optional.empty(), his, DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
    }

    @Test
    void codeThatIsPutIntoAnotherSignOnSignsNobodyOn() {
        SignOn.Redirect victim = signOn.begin(DESK);
        SignOn.Redirect attacker = signOn.begin(DESK);
        Map<String, List<String>> his = new HashMap<>(provider.signOn(attacker.provider(), "attacker", kim("desk")));
        his.put(
                "state",
                provider.signOn(victim.provider(), "victim", kim("desk")).get("state"));
        // PKCE: it was given for another verifier.
        assertThat(Refusals.refusedBy(() -> signOn.finish(Optional.of(victim.cookie()), his, DESK))
                        .getMessage())
                .contains("does not take that code");
    }

    @Test
    void answerIsGoodOnce() {
        SignOn.Redirect began = signOn.begin(DESK);
        Map<String, List<String>> answer = provider.signOn(began.provider(), "1", kim("desk"));
        signOn.finish(Optional.of(began.cookie()), answer, DESK);
        assertThat(Refusals.problemOf(() -> signOn.finish(Optional.of(began.cookie()), answer, DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
    }

    @Test
    void answerThatComesTooLateIsNone() {
        SignOn.Redirect began = signOn.begin(DESK);
        Map<String, List<String>> answer = provider.signOn(began.provider(), "1", kim("desk"));
        vault.clock.advance(Duration.ofMinutes(11));
        assertThat(Refusals.problemOf(() -> signOn.finish(Optional.of(began.cookie()), answer, DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
    }

    @Test
    void cookieWithAnotherTimeIsAnotherSignOn() {
        SignOn.Redirect began = signOn.begin(DESK);
        Map<String, List<String>> answer = provider.signOn(began.provider(), "1", kim("desk"));
        String later = (vault.clock.instant().getEpochSecond() - 1)
                + began.cookie().substring(began.cookie().indexOf('.'));
        assertThat(Refusals.problemOf(() -> signOn.finish(Optional.of(later), answer, DESK)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\0"})
    void codeThatIsNoneIsRefusedAndInTheLog(String code) {
        long before = vault.log().reader().size();
        Refused refused = refusedWay(answer -> answer.put("code", List.of(code)));
        assertThat(refused.problem()).isEqualTo(Problem.INVALID_CREDENTIALS);
        assertThat(vault.log().reader().size()).isEqualTo(before + 1);
        assertRefusal(vault.lastEntry(), Actor.NOBODY);
    }

    @Test
    void endpointOfAnotherSchemeThanTheIssuersIsNotAsked() {
        provider.document.put("token_endpoint", "https://127.0.0.1:1/token");
        assertThat(refused(kim("desk")).problem()).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
    }

    @Test
    void whoSignsOnByAProviderAgreesToNothingThatOthersAsk() {
        vault.storeFirstPatron();
        Approvals approvals = vault.access().approvals();
        approvals.registerLeave("test", ActKind.ERASE, SecondPerson.ERASURE, ask -> "Erase many.");
        Actor sue = vault.staff("sue", "supervisor");
        String filed = approvals
                .leave(Approvals.Requester.alone(sue), new ApprovalTerms("test", "many", Map.of()))
                .filed()
                .orElseThrow()
                .id();
        Actor kim = new Actor(Actor.Kind.STAFF, actor(signOn("1", kim("heads"))).name(), "privacy-officer", "");
        assertThat(Refusals.refusedBy(() -> approvals.approve(kim, filed, Optional.empty()))
                        .getMessage())
                .startsWith("A person who signs on by a provider cannot be the second person.");
        Actor sam = vault.staff("sam", "privacy-officer");
        assertThat(approvals.approve(sam, filed, Optional.empty()).state()).isEqualTo(Approval.State.DONE);
    }

    @Test
    void answerOfAnotherIssuerIsNone() {
        assertThat(refusedWay(answer -> answer.put("iss", List.of("https://evil.example.org")))
                        .getMessage())
                .contains("no answer of the provider");
        assertThat(signOn("1", kim("desk"), answer -> answer.put("iss", List.of(provider.issuer())))
                        .role())
                .isEqualTo("circulation");
    }

    @Test
    void providerThatNamesItselfInAnswersAlwaysDoes() throws IOException {
        provider.document.put("authorization_response_iss_parameter_supported", true);
        assertThat(refusedWay(answer -> {}).getMessage()).contains("no answer of the provider");
    }

    @Test
    void answerThatSaysSomethingTwiceIsNone() {
        refusedWay(answer -> answer.merge(
                "code",
                List.of("another"),
                (one, other) -> Stream.concat(one.stream(), other.stream()).toList()));
        refusedWay(answer -> answer.put("state", List.of(answer.get("state").get(0), "another")));
    }

    @Test
    void whoSaysNoThereIsNotSignedOn() {
        Refused refused = refusedWay(answer -> {
            answer.remove("code");
            answer.put("error", List.of("access_denied"));
        });
        assertThat(refused.getMessage()).contains("did not sign you in").doesNotContain("access_denied");
        assertRefusal(vault.lastEntry(), Actor.NOBODY);
    }

    @Test
    @Tag(LongRun.TAG)
    void hundredGuessedCodesLockTheAddressAndNoOther() {
        SignOn.Redirect began = signOn.begin(DESK);
        for (int guess = 0; guess < 100; guess++) {
            Map<String, List<String>> guessed = new HashMap<>();
            guessed.put("state", provider.signOn(began.provider(), "1", kim()).get("state"));
            guessed.put("code", List.of("guess-" + guess));
            assertThat(Refusals.problemOf(() -> signOn.finish(Optional.of(began.cookie()), guessed, DESK)))
                    .isEqualTo(Problem.INVALID_CREDENTIALS);
        }
        assertThat(Refusals.problemOf(() -> signOn.begin(DESK))).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
        assertThat(signOn.begin(SignInOrigin.of("10.0.0.8")).cookie()).isNotEmpty();
    }

    @Test
    void callbacksThatNobodyBeganLockNothing() {
        for (int sent = 0; sent < 120; sent++) {
            assertThat(Refusals.problemOf(() ->
                            signOn.finish(Optional.empty(), Map.of("state", List.of("x"), "code", List.of("y")), DESK)))
                    .isEqualTo(Problem.INVALID_CREDENTIALS);
        }
        assertThat(signOn("1", kim("desk")).role()).isEqualTo("circulation");
    }

    // Faults of the provider.

    @Test
    void providerThatIsDownIsOneSentenceAndCountsForNothing() {
        provider.close();
        Refused refused = Refusals.refusedBy(() -> signOn.begin(DESK));
        assertThat(refused.problem()).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
        assertThat(refused.getMessage()).contains("name and password");
    }

    @Test
    void providerThatWasDownIsLetAloneForSomeSeconds() {
        provider.document.put("issuer", "https://another.example.org");
        assertThat(Refusals.problemOf(() -> signOn.begin(DESK))).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
        provider.document.clear();
        assertThat(Refusals.problemOf(() -> signOn.begin(DESK))).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
        vault.nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        assertThat(signOn("1", kim("desk")).role()).isEqualTo("circulation");
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 500, 503})
    void exchangeThatFailsSignsNobodyOn(int status) {
        provider.broken = Optional.of(status);
        assertThat(refused(kim("desk")).problem()).isIn(Problem.VERIFIER_UNAVAILABLE, Problem.INVALID_CREDENTIALS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization_endpoint", "token_endpoint", "jwks_uri"})
    void addressWithoutTlsElsewhereIsNeverCalled(String endpoint) {
        provider.document.put(endpoint, "http://provider.example.org/x");
        assertThat(Refusals.problemOf(() -> signOn.begin(DESK))).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
    }

    @Test
    void documentOfAnotherIssuerIsNotBelieved() {
        provider.document.put("issuer", "https://another.example.org");
        assertThat(Refusals.problemOf(() -> signOn.begin(DESK))).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
    }

    @Test
    void documentThatIsTooLongIsNotRead() {
        provider.document.put("x", "x".repeat(70_000));
        assertThat(Refusals.problemOf(() -> signOn.begin(DESK))).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
    }

    @Test
    void providerWithoutPkceIsNotUsed() {
        provider.document.put("code_challenge_methods_supported", List.of("plain"));
        assertThat(Refusals.problemOf(() -> signOn.begin(DESK))).isEqualTo(Problem.VERIFIER_UNAVAILABLE);
    }

    @Test
    void browserIsAskedForWithEverythingThatBindsIt() {
        URI address = signOn.begin(DESK).provider();
        assertThat(address.getQuery())
                .contains(
                        "response_type=code",
                        "code_challenge_method=S256",
                        "state=",
                        "nonce=",
                        "max_age=0",
                        "prompt=login")
                .contains("redirect_uri=" + VAULT + "/sign-on/callback");
    }

    @Test
    void nothingSignsOnWhereNoProviderIsNamed() {
        AccessTestVault plain = vault;
        SignOn none = QuickAccess.of(
                        plain.store(), plain.log(), plain.custody, plain.policy, plain.clock, plain.nanos::get)
                .signOn();
        assertThat(none.name()).isEmpty();
        assertThat(Refusals.problemOf(() -> none.begin(DESK))).isEqualTo(Problem.NOT_FOUND);
    }
}

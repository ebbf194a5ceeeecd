package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.Access;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.LongRun;

/** Tests of sign-in, second factors, lock-out and sessions over real HTTP. */
final class SignInHttpTest {
    private static final String WRONG = "not that password";
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static ServedVault vault;

    @BeforeAll
    static void start() {
        vault = new ServedVault();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    /** Returns an address without earlier calls. */
    private static String address() {
        int n = NEXT.incrementAndGet();
        return "203.0." + n / 250 + "." + (1 + n % 250);
    }

    /** A new account with these roles. */
    private static String somebody(String... roles) {
        String name = "person" + NEXT.incrementAndGet();
        vault.staff(name, roles);
        return name;
    }

    private static ServedVault.Answer signIn(String name, String password) {
        return vault.signIn(address(), ServedVault.credentials(name, password));
    }

    private static ServedVault.Answer signIn(String name, String otp, Optional<String> role) {
        ObjectNode credentials =
                ServedVault.credentials(name, ServedVault.PASSWORD).put("otp", otp);
        role.ifPresent(r -> credentials.put("role", r));
        return vault.signIn(address(), credentials);
    }

    private static String token(ServedVault.Answer answer) {
        assertThat(answer.status()).as(answer.http().body()).isEqualTo(201);
        return answer.json().path("token").asText();
    }

    /** Everything of an answer but when it was given, and its random id. */
    private static Map<String, Object> everything(ServedVault.Answer answer) {
        Map<String, Object> parts = new HashMap<>(answer.http().headers().map());
        parts.remove("date");
        assertThat(parts.remove("x-request-id")).isNotNull();
        parts.put("status", answer.status());
        parts.put("body", answer.http().body());
        return parts;
    }

    @Test
    void knownAndUnknownNamesGetOneAnswer() {
        Set<Map<String, Object>> answers = new HashSet<>();
        for (int i = 0; i < LongRun.times(40, 200); i++) {
            vault.staff("known" + i, "circulation");
            answers.add(everything(signIn("known" + i, WRONG)));
            answers.add(everything(signIn("unknown" + i, WRONG)));
        }
        assertThat(answers).hasSize(1);
        assertThat(answers.iterator().next()).containsEntry("status", 401);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fiveWrongLockANameForThirtySecondsAndEachFurtherOneForTwiceAsLong(boolean known) {
        String name = known ? somebody("circulation") : "nobody" + NEXT.incrementAndGet();
        String desk = address();
        ObjectNode right = ServedVault.credentials(name, ServedVault.PASSWORD);
        ObjectNode wrong = ServedVault.credentials(name, WRONG);
        for (int i = 0; i < 5; i++) {
            assertThat(vault.signIn(desk, wrong).refusal()).isEqualTo("401 invalid-credentials");
        }
        for (int seconds : List.of(30, 60, 120, 240, 480, 900, 900)) {
            ServedVault.Answer locked = vault.signIn(desk, right);
            assertThat(locked.refusal()).isEqualTo("429 too-many-attempts");
            assertThat(locked.retryAfter()).isEqualTo(seconds);
            if (seconds == 120) {
                vault.restart();
                assertThat(vault.signIn(desk, right).retryAfter()).isEqualTo(120);
            }
            vault.advance(Duration.ofSeconds(seconds - 1));
            assertThat(vault.signIn(desk, right).retryAfter()).isEqualTo(1);
            assertThat(vault.signIn(address(), right).status())
                    .as("in another network")
                    .isEqualTo(known ? 201 : 401);
            vault.advance(Duration.ofSeconds(1));
            assertThat(vault.signIn(desk, wrong).refusal()).isEqualTo("401 invalid-credentials");
        }
        vault.advance(Duration.ofMinutes(15));
        assertThat(vault.signIn(desk, right).status()).isEqualTo(known ? 201 : 401);
    }

    @Test
    void hundredWrongInTenMinutesLockAnAddressAndNoOther() {
        String name = somebody("circulation");
        String desk = address();
        for (int i = 0; i < 100; i++) {
            String guessed = "nobody" + NEXT.incrementAndGet();
            assertThat(vault.signIn(desk, ServedVault.credentials(guessed, WRONG))
                            .status())
                    .isEqualTo(401);
            vault.advance(Duration.ofSeconds(1));
        }
        ObjectNode right = ServedVault.credentials(name, ServedVault.PASSWORD);
        for (int restarts = 0; restarts < 2; restarts++) {
            ServedVault.Answer locked = vault.signIn(desk, right);
            assertThat(locked.refusal()).isEqualTo("429 too-many-attempts");
            assertThat(locked.retryAfter()).isEqualTo(500);
            vault.restart();
        }
        assertThat(vault.signIn(address(), right).status()).isEqualTo(201);
        vault.advance(Duration.ofSeconds(500));
        assertThat(vault.signIn(desk, right).status()).isEqualTo(201);
    }

    @Test
    void addressThatACallerMakesUpIsIgnoredWhereNoProxyIsBelieved() {
        vault.advance(Duration.ofMinutes(11));
        for (int i = 0; i < 100; i++) {
            String guessed = "nobody" + NEXT.incrementAndGet();
            assertThat(vault.signInUnproxied(address(), ServedVault.credentials(guessed, WRONG))
                            .status())
                    .isEqualTo(401);
        }
        ObjectNode right = ServedVault.credentials(somebody("circulation"), ServedVault.PASSWORD);
        assertThat(vault.signInUnproxied(address(), right).refusal()).isEqualTo("429 too-many-attempts");
        vault.advance(Duration.ofMinutes(11));
        assertThat(vault.signInUnproxied(address(), right).status()).isEqualTo(201);
    }

    static Stream<Arguments> endings() {
        return Stream.of(
                ending(
                        "disabled",
                        (access, name) ->
                                access.accounts().disable(Approvals.Requester.alone(ServedVault.ADMIN), name)),
                ending(
                        "password changed",
                        (access, name) -> access.accounts()
                                .setOwnPassword(
                                        access.signIn().prove(name, ServedVault.PASSWORD, SignInOrigin.HOST),
                                        "another quiet room")),
                ending(
                        "role revoked",
                        (access, name) -> access.accounts()
                                .revoke(
                                        Approvals.Requester.alone(ServedVault.ADMIN),
                                        name,
                                        List.of(new Role("circulation")))),
                ending("signed out", (access, name) -> access.sessions().endAll(ServedVault.ADMIN, name)));
    }

    private static Arguments ending(String what, BiConsumer<Access, String> step) {
        return Arguments.of(what, step);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void openConnectionLosesItsAccessWithinASecond(String what, BiConsumer<Access, String> step) {
        String name = somebody("circulation");
        String token = token(signIn(name, ServedVault.PASSWORD));
        assertThat(vault.call("GET", "/v1/sessions", token).status()).isEqualTo(200);
        step.accept(vault.access(), name);
        vault.advance(Duration.ofSeconds(1));
        assertThat(vault.call("GET", "/v1/sessions", token).refusal()).as(what).isEqualTo("401 not-signed-in");
    }

    @Test
    void nameThatLooksLikeAnothersIsNobodys() {
        String name = somebody("circulation");
        for (String like : List.of(
                name.replace('e', '\u0435'),
                name.replace('o', '\u03BF'),
                name.replace('p', '\u0440'),
                name + "\u200B",
                name + "\u0301")) {
            ServedVault.Answer answer = signIn(like, ServedVault.PASSWORD);
            assertThat(answer.refusal()).isEqualTo("401 invalid-credentials");
            assertThat(answer.http().body()).doesNotContain(like);
        }
        assertThat(signIn(" " + name.toUpperCase(java.util.Locale.ROOT), ServedVault.PASSWORD)
                        .status())
                .isEqualTo(201);
    }

    @Test
    void activationCodeIsGoodForNothingButAPasswordAndThenForNothing() {
        String name = somebody("circulation");
        String code = vault.access()
                .accounts()
                .resetPassword(Approvals.Requester.alone(ServedVault.ADMIN), name)
                .secret()
                .orElseThrow();
        assertThat(signIn(name, code).refusal()).isEqualTo("403 not-allowed");
        assertThat(vault.post("/v1/second-factor", ServedVault.credentials(name, code))
                        .refusal())
                .isEqualTo("403 not-allowed");
        vault.access()
                .accounts()
                .setOwnPassword(vault.access().signIn().prove(name, code, SignInOrigin.HOST), "a password of my own");
        assertThat(signIn(name, code).refusal()).isEqualTo("401 invalid-credentials");
        assertThat(signIn(name, "a password of my own").status()).isEqualTo(201);
    }

    /** Enrols a factor; gives its secret and puts its recovery codes into {@code recovery}. */
    private static String enrol(String name, List<String> recovery) {
        ObjectNode person = ServedVault.credentials(name, ServedVault.PASSWORD);
        ServedVault.Answer begun = vault.post("/v1/second-factor", person);
        assertThat(begun.status()).isEqualTo(201);
        assertThat(begun.http().headers().firstValue("Cache-Control")).contains("no-store");
        String secret = begun.json().path("secret").asText();
        assertThat(begun.json().path("uri").asText())
                .startsWith("otpauth://totp/")
                .contains(secret, name);
        assertThat(begun.json().path("qr").asText()).startsWith("<svg ");

        ServedVault.Answer confirmed = vault.post("/v1/second-factor/confirmation", person.put("otp", code(secret)));
        assertThat(confirmed.status()).isEqualTo(200);
        assertThat(confirmed.http().headers().firstValue("Cache-Control")).contains("no-store");
        confirmed.json().path("recoveryCodes").forEach(one -> recovery.add(one.asText()));
        vault.advance(Duration.ofSeconds(30));
        return secret;
    }

    private static String code(String secret) {
        return Authenticator.code(secret, vault.vault().clock().instant());
    }

    @Test
    void missingWrongAndUsedCodesAreTheVeryAnswerOfAWrongPassword() {
        String name = somebody("circulation");
        String secret = enrol(name, new ArrayList<>());
        String code = code(secret);
        assertThat(signIn(name, code, Optional.empty()).status()).isEqualTo(201);
        Set<Map<String, Object>> answers = new HashSet<>();
        answers.add(everything(signIn(somebody("page"), WRONG)));
        answers.add(everything(signIn(name, ServedVault.PASSWORD)));
        answers.add(everything(signIn(name, "123456", Optional.empty())));
        answers.add(everything(signIn(name, code, Optional.empty())));
        ObjectNode person = ServedVault.credentials(name, ServedVault.PASSWORD);
        answers.add(everything(vault.post("/v1/second-factor", person)));
        assertThat(answers).hasSize(1);
        assertThat(answers.iterator().next()).containsEntry("status", 401);
    }

    @Test
    void recoveryCodeSignsInOnce() {
        String name = somebody("circulation");
        List<String> recovery = new ArrayList<>();
        enrol(name, recovery);
        assertThat(recovery).hasSize(10);
        assertThat(signIn(name, recovery.get(3), Optional.empty()).status()).isEqualTo(201);
        assertThat(signIn(name, recovery.get(3), Optional.empty()).refusal()).isEqualTo("401 invalid-credentials");
    }

    @Test
    void roleThatNeedsAFactorTellsHowToEnrol() {
        String text = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        vault.policy.put(PolicyFile.parse(
                text.replace("secondFactor: []", "secondFactor: [director]").getBytes(StandardCharsets.UTF_8)));
        try {
            String name = somebody("circulation", "director");
            ServedVault.Answer refused = signIn(name, "", Optional.of("director"));
            assertThat(refused.refusal()).isEqualTo("403 second-factor-required");
            assertThat(refused.json().path("detail").asText()).contains("/v1/second-factor");
            assertThat(signIn(name, "", Optional.empty()).status()).isEqualTo(201);
            String secret = enrol(name, new ArrayList<>());
            assertThat(signIn(name, code(secret), Optional.of("director")).status())
                    .isEqualTo(201);
        } finally {
            vault.policy.put(PolicyFile.parse(PolicyFile.defaultText()));
        }
    }

    private static List<String> users(String token) {
        List<String> users = new ArrayList<>();
        vault.call("GET", "/v1/sessions", token)
                .json()
                .path("sessions")
                .forEach(one -> users.add(one.path("user").asText()));
        return users;
    }

    private static String currentId(String token) {
        for (JsonNode one : vault.call("GET", "/v1/sessions", token).json().path("sessions")) {
            if (one.path("current").asBoolean()) {
                return one.path("id").asText();
            }
        }
        throw new AssertionError("no current session");
    }

    @Test
    void oneSeesAndEndsOnesOwnSessionsAndTheAdministratorAnyones() {
        String name = somebody("circulation");
        String here = token(signIn(name, ServedVault.PASSWORD));
        String there = token(signIn(name, ServedVault.PASSWORD));
        String other = token(signIn(somebody("supervisor"), ServedVault.PASSWORD));
        String admin = token(signIn(somebody("admin"), ServedVault.PASSWORD));

        assertThat(users(here)).containsExactly(name, name);
        assertThat(users(admin)).contains(name).hasSizeGreaterThan(3);
        JsonNode shown = vault.call("GET", "/v1/sessions", here).json();
        assertThat(shown.toString()).doesNotContain(here, there, here.substring(4));
        assertThat(currentId(here)).isNotEqualTo(currentId(there));

        assertThat(vault.call("DELETE", "/v1/sessions/" + currentId(here), other)
                        .refusal())
                .isEqualTo("404 not-found");
        assertThat(vault.call("DELETE", "/v1/sessions/" + currentId(there), here)
                        .status())
                .isEqualTo(204);
        assertThat(vault.call("GET", "/v1/sessions", there).status()).isEqualTo(401);
        assertThat(vault.call("DELETE", "/v1/sessions/" + currentId(here), admin)
                        .status())
                .isEqualTo(204);
        assertThat(vault.call("GET", "/v1/sessions", here).status()).isEqualTo(401);
        assertThat(vault.call("GET", "/v1/sessions", other).status()).isEqualTo(200);
    }
}

package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.Authenticator;

/** Second factors and sessions by commands, with a server on the home. */
final class SignInIT {
    private static RunningVault vault;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().start();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static Ran enrol(String name, String... more) {
        String[] words = new String[5 + more.length];
        System.arraycopy(new String[] {"staff", "second-factor", name, "--password-file", "../pw"}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        return vault.run(words);
    }

    @Test
    void factorIsEnrolledByCommandsAndThenAskedForByEachOfThem() {
        JsonNode begun = RunningVault.document(enrol("boss", "--json"));
        String secret = begun.path("secret").asText();
        vault.secret("code", Authenticator.code(secret, Instant.now()));
        assertThat(enrol("boss", "--confirm").exit()).isEqualTo(2);
        Ran confirmed = enrol("boss", "--confirm", "--otp-file", "../code", "--json");
        assertThat(confirmed.exit()).as("%s", confirmed).isZero();
        JsonNode recovery = RunningVault.document(confirmed).path("recoveryCodes");
        assertThat(recovery).hasSize(10);

        Ran without = vault.as("boss", "staff", "sessions", "boss");
        assertThat(without.exit()).as("%s", without).isEqualTo(3);
        assertThat(without.err()).contains("second factor", "--otp-file");
        assertThat(enrol("boss", "--otp-file", "../code").exit()).isEqualTo(3);
        vault.secret("recovery", recovery.path(0).asText());
        Ran own = vault.as("boss", "staff", "sessions", "boss", "--otp-file", "../recovery");
        assertThat(own.exit()).as("%s", own).isZero();
        assertThat(vault.as("boss", "staff", "sessions", "boss", "--otp-file", "../recovery")
                        .exit())
                .isEqualTo(3);
        vault.secret("recovery", recovery.path(1).asText());
        Map<String, String> environment = vault.environment();
        environment.put("PATRON_VAULT_AS", "boss");
        environment.put("PATRON_VAULT_PASSWORD_FILE", vault.root().resolve("pw").toString());
        environment.put(
                "PATRON_VAULT_OTP_FILE", vault.root().resolve("recovery").toString());
        assertThat(vault.command(environment, "staff", "sessions", "boss").exit())
                .isZero();

        vault.json("admin", "staff", "grant", "boss", "--role", "admin");
        vault.secret("recovery", recovery.path(2).asText());
        Ran others = vault.as("boss", "staff", "password", "page", "--otp-file", "../recovery");
        assertThat(others.exit()).as("%s", others).isZero();
    }

    @Test
    void passwordAndThenACodeAreAskedForOfWhoHasASecondFactorAndOfNobodyElse() {
        String secret =
                RunningVault.document(enrol("dir", "--json")).path("secret").asText();
        vault.secret("code", Authenticator.code(secret, Instant.now()));
        Ran confirmed = enrol("dir", "--confirm", "--otp-file", "../code", "--json");
        String recovery =
                RunningVault.document(confirmed).path("recoveryCodes").path(0).asText();
        try (AtTerminal terminal = typing("dir")) {
            terminal.await("Password of dir: ");
            terminal.type(RunningVault.PASSWORD);
            terminal.await("One-time code of dir: ");
            terminal.type(recovery);
            assertThat(terminal.end()).as(terminal.shown()).isZero();
        }
        try (AtTerminal terminal = typing("clerk")) {
            terminal.await("Password of clerk: ");
            terminal.type(RunningVault.PASSWORD);
            assertThat(terminal.end()).as(terminal.shown()).isZero();
            assertThat(terminal.shown()).doesNotContain("One-time code");
        }
    }

    private static AtTerminal typing(String name) {
        return AtTerminal.start(vault.root(), vault.environment(), "staff", "sessions", name, "--as", name);
    }

    @Test
    void secretIsShownAsAPictureAndNobodyEnrolsForAnother() {
        Ran begun = enrol("officer");
        assertThat(begun.exit()).as("%s", begun).isZero();
        assertThat(begun.out()).contains("\u2588", "\u2580").containsPattern("[A-Z2-7]{32}");
        assertThat(begun.err()).contains("--confirm");
        assertThat(vault.as("admin", "staff", "second-factor", "officer").exit())
                .isEqualTo(3);
    }

    @Test
    void sessionsAreListedAndEndedByTheirPersonOrAnAdministrator() {
        String token = vault.signIn("clerk");
        assertThat(vault.json("clerk", "staff", "sessions", "clerk").path("sessions"))
                .isNotEmpty()
                .allSatisfy(one -> assertThat(one.path("user").asText()).isEqualTo("clerk"));
        assertThat(vault.as("clerk", "staff", "sessions").exit()).isEqualTo(3);
        assertThat(vault.as("clerk", "staff", "sign-out", "page").exit()).isEqualTo(3);
        assertThat(vault.json("admin", "staff", "sign-out", "clerk")
                        .path("ended")
                        .asInt())
                .isPositive();
        assertThat(vault.call("GET", "/v1/sessions", token).refusal()).isEqualTo("401 not-signed-in");
        assertThat(vault.json("admin", "staff", "sessions", "clerk").path("sessions"))
                .isEmpty();
    }

    @Test
    void doctorSaysWhoLacksAFactorAndWhoseHeaderIsBelieved() throws IOException {
        try (RunningVault other = RunningVault.create()) {
            assertThat(other.run("doctor").out())
                    .containsPattern("note +sign-in +The second factor is off")
                    .containsPattern("fine +proxies +None is named");
            replace(other.home().resolve("policy.yaml"), "secondFactor: []", "secondFactor: [director, admin]");
            replace(
                    other.home().resolve("vault.yaml"),
                    "#http:\n",
                    "http:\n  proxies: [10.0.0.7, \"2001:db8::/126\"]\n#http:\n");
            assertThat(other.run("doctor").out())
                    .containsPattern("note +sign-in +.* of admin, director; .* lack one: 2")
                    .containsPattern("fine +proxies");
            replace(other.home().resolve("vault.yaml"), "10.0.0.7", "10.0.0.0/8");
            assertThat(other.run("doctor").out()).containsPattern("note +proxies +.* many addresses");
            replace(other.home().resolve("vault.yaml"), "10.0.0.0/8", "proxy.example.org");
            assertThat(other.run("doctor").exit()).isEqualTo(1);
        }
    }

    private static void replace(Path file, String part, String instead) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(part);
        Files.writeString(file, text.replace(part, instead));
    }
}

package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.app.HomeDoctor;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.TestProvider;

/** Tests of the doctor's check of sign-on by a provider. */
final class SignOnLookTest {
    private static OpenVault vault;

    private TestProvider provider;

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterAll
    static void closeVault() {
        vault.close();
    }

    @BeforeEach
    void start() throws IOException {
        provider = TestProvider.start();
        secret("rw-------");
        policy("signOn: {desk: [circulation]}");
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private static void secret(String permissions) throws IOException {
        Path file = vault.home().directory().resolve("sign-on.secret");
        Files.writeString(file, "a-secret-of-the-vault");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private static void policy(String signOn) throws IOException {
        String text = new String(PolicyFile.defaultText(), java.nio.charset.StandardCharsets.UTF_8);
        Files.writeString(vault.home().policy(), text.replace("signOn: {}", signOn));
    }

    private List<Doctor.Line> look(String issuer) throws IOException {
        Files.writeString(
                vault.home().settings(),
                "http: {port: 443, publicUrl: 'https://vault.example.org'}\nsignOn: {issuer: '" + issuer
                        + "', clientId: patron-vault, clientSecretFile: sign-on.secret}\n");
        return look();
    }

    private static List<Doctor.Line> look() {
        return new HomeDoctor(vault.home())
                .doctor().look().stream()
                        .filter(line -> line.check().equals("sign-on"))
                        .toList();
    }

    private static void assertLine(List<Doctor.Line> lines, Doctor.Verdict verdict, String says) {
        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(verdict);
            assertThat(line.says()).contains(says);
        });
    }

    @Test
    void nothingIsSaidWhereNoProviderIsNamed() throws IOException {
        Files.writeString(vault.home().settings(), "# as shipped\n");
        assertThat(look()).isEmpty();
    }

    @Test
    void providerThatAnswersIsFineWithTheAddressOfTheWayBack() throws IOException {
        assertLine(look(provider.issuer()), Doctor.Verdict.FINE, "https://vault.example.org/sign-on/callback");
    }

    @Test
    void secretThatTheProviderHasNoMoreIsWrongAndTheLineSaysWhatToDo() throws IOException {
        Files.writeString(vault.home().directory().resolve("sign-on.secret"), "the-one-of-last-year");
        assertLine(look(provider.issuer()), Doctor.Verdict.WRONG, "it refuses the client or its secret: compare");
    }

    @Test
    void providerOfWhichNoGroupIsARoleIsANote() throws IOException {
        policy("signOn: {}");
        assertLine(look(provider.issuer()), Doctor.Verdict.NOTE, "policy.yaml under signOn");
    }

    @Test
    void roleWithPowersThatAGroupGivesIsANote() throws IOException {
        String text = Files.readString(vault.home().policy());
        Files.writeString(
                vault.home().policy(),
                text.replaceFirst("(?m)^roles:$", "roles:\n  helper:\n    may: [seal, checkpoint]"));
        String mapped = Files.readString(vault.home().policy())
                .replaceFirst("(?m)^signOn:.*$", "signOn: {desk: [circulation], it: [helper]}");
        Files.writeString(vault.home().policy(), mapped);
        assertLine(look(provider.issuer()), Doctor.Verdict.NOTE, "gives helper, which may do");
    }

    @Test
    void secretThatOthersReadIsWrong() throws IOException {
        secret("rw-r--r--");
        assertLine(look(provider.issuer()), Doctor.Verdict.WRONG, "chmod 600");
    }

    @Test
    void providerThatIsAnotherOrDownOrWithoutPkceIsWrong() throws IOException {
        assertLine(look(provider.issuer() + "/"), Doctor.Verdict.WRONG, "of another issuer");
        provider.document.put("code_challenge_methods_supported", List.of("plain"));
        assertLine(look(provider.issuer()), Doctor.Verdict.WRONG, "PKCE");
        provider.close();
        assertLine(look(provider.issuer()), Doctor.Verdict.WRONG, "cannot be reached");
    }
}

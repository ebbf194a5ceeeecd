package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.app.HomeDoctor;
import org.patronvault.testing.OpenVault;

/** Tests of the doctor's check of vendors' accounts and PIN services. */
final class VendorLookTest {
    private static final String ACCOUNT =
            "sip2: {accounts: [{login: desk, passwordFile: kiosk.pw, client: kiosk, service: ebooks}]}\n";

    private OpenVault vault;

    @BeforeEach
    void open() throws IOException {
        vault = OpenVault.onSqlite();
        vault.addVendor("kiosk");
        vault.addClient("ils", "ils");
        secret("kiosk.pw", "0123456789abcdef", "rw-------");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private void secret(String name, String text, String permissions) throws IOException {
        Path file = vault.home().directory().resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private List<Doctor.Line> look(String yaml) throws IOException {
        Files.writeString(vault.home().settings(), yaml, StandardOpenOption.APPEND);
        return new HomeDoctor(vault.home())
                .doctor().look().stream()
                        .filter(line -> List.of("sip2", "pins").contains(line.check()))
                        .toList();
    }

    @Test
    void nothingIsSaidWhereNothingIsSetUp() throws IOException {
        assertThat(look("")).isEmpty();
    }

    @Test
    void accountOfAClientThereIsWithItsPasswordToItselfIsFine() throws IOException {
        assertThat(look(ACCOUNT)).singleElement().satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.FINE);
            assertThat(line.says()).startsWith("1 account asks");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "client: kiosk | client: another | there is no client another, or it was ended, so nobody can sign in: `client add",
                "client: kiosk | client: ils | client ils has no scope that may ask",
                "service: ebooks | service: opera | policy.yaml has no service opera",
                "kiosk.pw | none.pw | its passwordFile is not there",
            })
    void whatWouldLetNobodyInIsNamedWithItsCure(String part, String instead, String says) throws IOException {
        assertThat(look(ACCOUNT.replace(part, instead))).singleElement().satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
            assertThat(line.says()).startsWith("Account desk: ").contains(says);
        });
    }

    @Test
    void passwordThatOthersReadOrThatIsShortIsWrong() throws IOException {
        secret("kiosk.pw", "0123456789abcdef", "rw-r--r--");
        assertThat(look(ACCOUNT))
                .singleElement()
                .satisfies(line -> assertThat(line.says()).contains("chmod 600"));
        secret("kiosk.pw", "short", "rw-------");
        assertThat(look(""))
                .singleElement()
                .satisfies(line ->
                        assertThat(line.says()).contains("password is short").doesNotContain("\"short\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "command: [/bin/true] | FINE | They are asked of a program",
                "command: [bin/no-such-program] | WRONG | names no program",
                "url: 'https://ils.example/pin' | FINE | asked of pins.url",
                "url: 'http://127.0.0.1:9/pin' | FINE | asked of pins.url",
                "url: 'https://ils.example/pin', tokenFile: none | WRONG | pins.tokenFile",
            })
    void whoKnowsPinsIsLookedAtAndNotTried(String pins, Doctor.Verdict verdict, String says) throws IOException {
        assertThat(look("pins: {" + pins + "}\n")).singleElement().satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(verdict);
            assertThat(line.says()).contains(says);
        });
    }
}

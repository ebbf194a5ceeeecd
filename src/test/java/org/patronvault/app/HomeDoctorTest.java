package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.policy.Caller;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.OtherDisk;
import org.patronvault.upkeep.doctor.Doctor;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.ServerTls;
import org.patronvault.web.http.WebSettings;

/** Tests that the doctor knows a running server's options, which no file of the home holds. */
final class HomeDoctorTest {
    private final OpenVault vault = OpenVault.onSqlite();

    @AfterEach
    void close() {
        vault.close();
    }

    private Optional<Doctor.Line> line(String check) {
        return vault.vault().doctor().doctor().look().stream()
                .filter(line -> line.check().equals(check))
                .findFirst();
    }

    private void started(WebSettings web) {
        vault.vault()
                .doctor()
                .started(new ServeOptions(
                        Optional.of(Settings.read(vault.home())),
                        Optional.of(web),
                        Optional.empty(),
                        false,
                        Optional.empty()));
    }

    private static WebSettings web(String host, Optional<ServerTls> tls) {
        return new WebSettings(host, 8443, tls, tls.isEmpty(), OptionalInt.empty(), Proxies.NONE);
    }

    /** Returns the line about a file with these modes. */
    private Doctor.Line passphrase(Path directory, String modes, boolean exitOnSeal) throws IOException {
        Path file = Files.writeString(Files.createTempFile(directory, "passphrase", ""), "seven grey geese");
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(modes));
            vault.vault()
                    .doctor()
                    .started(new ServeOptions(
                            Optional.empty(), Optional.empty(), Optional.of(file), exitOnSeal, Optional.empty()));
            return line("passphrase").orElseThrow();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void passphraseFileOnTheDiskOfTheVaultIsWrongAndTheCureIsNoOtherFile() throws IOException {
        assertThat(line("passphrase")).isEmpty();
        Doctor.Line said = passphrase(vault.home().directory(), "rw-------", false);
        assertThat(said.verdict()).isEqualTo(Doctor.Verdict.WRONG);
        assertThat(said.says())
                .contains("own disk", "type the passphrase", "slot")
                .doesNotContain("another one");
    }

    @Test
    void passphraseFileOfAServiceThatEndsWhenItIsSealedIsWrongWhereverItLies() throws IOException {
        Doctor.Line said = passphrase(OtherDisk.than(vault.home().directory()), "rw-------", true);
        assertThat(said.verdict()).isEqualTo(Doctor.Verdict.WRONG);
        assertThat(said.says()).contains("--exit-on-seal", "within seconds", "HSM or KMS slot");
    }

    @Test
    void passphraseFileElsewhereIsForTheServiceAloneAndNeverFine() throws IOException {
        Path elsewhere = OtherDisk.than(vault.home().directory());
        assertThat(passphrase(elsewhere, "rw-r--r--", false).says()).contains("chmod 600");
        Doctor.Line said = passphrase(elsewhere, "rw-------", false);
        assertThat(said.verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(said.says()).contains("not known", "undoes each seal");
    }

    private void append(String settings) throws IOException {
        Files.writeString(vault.home().settings(), settings, StandardOpenOption.APPEND);
    }

    @Test
    void settingsThatWereChangedSinceTheServerStartedAreSaidNotToBeInForce() throws IOException {
        append("\nalerts: {command: [/bin/true]}\n");
        assertThat(line("settings"))
                .as("of a home that nothing serves")
                .hasValueSatisfying(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.FINE));
        started(web("127.0.0.1", Optional.empty()));
        append("# a remark\n");
        new TlsFiles(vault.home(), Clock.systemUTC()).create(List.of("vault.library.lan"), 8443, false);
        Files.writeString(vault.home().policy(), "# a remark\n", StandardOpenOption.APPEND);
        assertThat(line("settings"))
                .as("what it reads anew by itself, or does not read")
                .hasValueSatisfying(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.FINE));
        append("check: {every: 2}\n");
        assertThat(line("settings")).hasValueSatisfying(line -> {
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
            assertThat(line.says()).contains("not in force", "`systemctl restart patron-vault`");
        });
    }

    @Test
    void receiverThatDidNotTakeTheLastMessageIsWrongThoughItsSettingsAreRight() throws IOException {
        append("\nalerts: {command: [/bin/false]}\n");
        assertThat(line("alerts"))
                .hasValueSatisfying(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.FINE));
        HomeDoctor serving =
                new HomeDoctor(vault.home(), () -> Map.of("command", "it ends with exit code 1"), Set::of, List::of);
        assertThat(serving.doctor().look())
                .filteredOn(line -> line.check().equals("alerts"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
                    assertThat(line.says())
                            .contains("command did not take the last message: it ends with exit code 1", "sendmail");
                });
    }

    @Test
    void clientThatUsedHalfOfItsChecksIsNamed() {
        assertThat(line("checks")).as("of a home that nothing serves").isEmpty();
        Entitlements entitlements = vault.vault().privacy().entitlements();
        HomeDoctor serving = new HomeDoctor(vault.home(), Map::of, entitlements::halfUsed, List::of);
        Caller hoopla = OpenVault.client("hoopla", "entitlement");
        for (int i = 0; i < 299; i++) {
            vault.check(hoopla, "NOBODYS", "ebooks");
        }
        assertThat(serving.doctor().look()).noneMatch(line -> line.check().equals("checks"));
        vault.check(hoopla, "NOBODYS", "ebooks");
        assertThat(serving.doctor().look())
                .filteredOn(line -> line.check().equals("checks"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE);
                    assertThat(line.says()).contains("hoopla", "`client change NAME --checks N`");
                });
        vault.clock().advance(Duration.ofDays(1).plusSeconds(1));
        assertThat(serving.doctor().look()).noneMatch(line -> line.check().equals("checks"));
    }

    @Test
    void serverBehindAProxyThatListensToTheNetworkIsWrongThoughThereIsACertificate() {
        new TlsFiles(vault.home(), Clock.systemUTC()).create(List.of("vault.library.lan"), 8443, false);
        assertThat(line("address"))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("http.host is this machine alone"));
        started(web("0.0.0.0", Optional.empty()));
        assertThat(line("address"))
                .hasValueSatisfying(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG));
        assertThat(line("tls"))
                .as("of the certificate that is not used")
                .hasValueSatisfying(line -> assertThat(line.says()).contains("behind a proxy"));
        started(web("0.0.0.0", TlsFiles.used(vault.home(), Settings.read(vault.home()))));
        assertThat(line("address")).isEmpty();
        assertThat(line("tls"))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("renewed by itself"));
    }
}

package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.signon.OpenIdSettings;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.sip2.Sip2Account;
import org.patronvault.sip2.Sip2Settings;
import org.patronvault.upkeep.backup.BackupPlan;

/** Tests of the settings that vault.yaml yields. */
final class SettingsTest {
    @TempDir
    private Path directory;

    private OptionalInt horizon(String yaml) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), yaml);
        return Settings.read(home).patrons().horizonDays();
    }

    @Test
    void horizonOfAnErasureIsTheAgeOfAKeyAndTheWaitForItsEnd() throws IOException {
        assertThat(horizon("# all as it is\n")).hasValue(37);
        assertThat(horizon("keys: {rotateAfter: 90, destroyWait: 1}\n")).hasValue(91);
    }

    @Test
    void withoutKeysThatAreRotatedByThemselvesNoHorizonIsPromised() throws IOException {
        assertThat(horizon("keys: {rotateAfter: 0}\n")).isEmpty();
    }

    @Test
    void databaseIsAUrlAndAFileWithThePasswordAsInitWritesThem() throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), "# as shipped\n");
        Path file = Files.writeString(directory.resolve("it's.pw"), "secret\n");
        String url = "jdbc:postgresql://db.example.org/vault?user=vault_service&sslrootcert=/etc/ca.crt";
        DatabaseSettings.put(home, DatabaseSettings.named(url, Optional.of(file.toAbsolutePath())));
        assertThat(Settings.read(home).store(home))
                .isEqualTo(new StoreSettings(url, 4, Optional.of(file.toAbsolutePath())));

        Files.writeString(home.settings(), "database: \"" + url + "\"\ndatabasePasswordFile: db.pw\nreaders: 7\n");
        assertThat(Settings.read(home).store(home))
                .isEqualTo(new StoreSettings(
                        url, 7, Optional.of(directory.resolve("db.pw").toAbsolutePath())));
    }

    @Test
    void whatShouldBeTextAndIsNotIsRefusedAndNotTakenForAbsent() throws IOException {
        Home home = new Home(directory);
        for (String yaml : List.of(
                "http: {host: 7}",
                "http: {publicUrl: [a]}",
                "phones: {region: false}",
                "alerts: {webhook: 7}",
                "unseal: {hsmPinFile: 1234}")) {
            Files.writeString(home.settings(), yaml + "\n");
            assertThatThrownBy(() -> Settings.read(home))
                    .as(yaml)
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("as text");
        }
    }

    @Test
    void certificateAndItsKeyGoTogetherAndTheirPathsBeginInTheHome() throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), "http: {tlsCert: a.crt, tlsKey: /etc/a.key}\n");
        TlsSetting tls = Settings.read(home).tls().orElseThrow();
        assertThat(tls.keyOf(home)).isEqualTo(Path.of("/etc/a.key"));
        assertThatThrownBy(() -> tls.of(home))
                .isInstanceOf(Refused.class)
                .hasMessage(
                        "The files of http.tlsCert and http.tlsKey cannot be read, by this user and as PEM (the key as PKCS #8).");
        Files.writeString(home.settings(), "http: {tlsCert: a.crt}\n");
        assertThatThrownBy(() -> Settings.read(home)).hasMessageContaining("together");
    }

    @Test
    void settingsAreReplacedAsAWholeWhenADatabaseIsPutInThem() throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), "readers: 2\n");
        // Which a crash in the midst of it would leave.
        Path before = Files.createLink(directory.resolve("before"), home.settings());
        DatabaseSettings.put(home, DatabaseSettings.named("jdbc:postgresql://localhost/vault", Optional.empty()));
        assertThat(before).hasContent("readers: 2\n");
        assertThat(Settings.read(home).store(home).jdbcUrl()).isEqualTo("jdbc:postgresql://localhost/vault");
        assertThat(Settings.read(home).store(home).readers()).isEqualTo(2);
    }

    @Test
    void databaseThatMayNotBeIsRefusedBeforeAnythingIsWritten() {
        for (String wrong : List.of(
                "jdbc:postgresql://localhost/vault?password=canary",
                "jdbc:postgresql://db.example.org/vault?sslmode=require",
                "jdbc:postgresql://localhost/\"vault")) {
            assertThatThrownBy(() -> DatabaseSettings.named(wrong, Optional.empty()))
                    .as(wrong)
                    .isInstanceOf(Refused.class)
                    .hasMessageNotContainingAny("canary", "example.org", "localhost");
        }
        assertThatThrownBy(() -> DatabaseSettings.named(
                        "jdbc:postgresql://localhost/vault", Optional.of(directory.resolve("none.pw"))))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("databasePasswordFile")
                .hasMessageNotContaining("none.pw");
    }

    private LogSettings log(String yaml) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), yaml);
        return Settings.read(home).log();
    }

    @Test
    void witnessesAreAnAddressAndTheLineThatAWitnessPrints() throws IOException {
        String key = "witness.example.net/w1+a8a82c4d+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";
        String other = "vault.example.org/log+79999b77+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
        assertThat(log("# none\n")).isEqualTo(new LogSettings(List.of(), 60, List.of()));
        String witness = "{url: 'http://w.example.org:8090/', key: '" + key + "'}";
        LogSettings two = log("log: {witnesses: [" + witness + "], witnessWait: 5}\n");
        assertThat(two.witnesses().get(0).name()).isEqualTo("witness.example.net/w1");
        assertThat(two.witnessWait()).isEqualTo(5);
        for (String wrong : List.of(
                "witnesses: here",
                "witnesses: [" + witness + ", " + witness + "]",
                "witnesses: [{url: 'http://w', key: '" + other + "'}]",
                "witnesses: [{url: 'http://u:p@w', key: '" + key + "'}]",
                "witnesses: [{url: 'http://w'}]",
                "witnesses: [{url: 'http://w', key: '" + key + "', more: 1}]",
                "witnessWait: 0",
                "dailyCheckpoint: mail")) {
            assertThatThrownBy(() -> log("log: {" + wrong + "}\n"))
                    .as(wrong)
                    .isInstanceOf(Refused.class)
                    .hasMessageStartingWith("vault.yaml ")
                    .hasMessageNotContaining("example.org");
        }
    }

    private VendorSettings vendors(String yaml) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), yaml);
        return Settings.read(home).vendors();
    }

    @Test
    void gatewayIsOfAccountsWithAPasswordInAFileAndOfDefaults() throws IOException {
        assertThat(vendors("# none\n").sip2()).isEmpty();
        Files.writeString(directory.resolve("kiosk.pw"), "p\u00e4ssword\n");
        String account = "login: kiosk, passwordFile: kiosk.pw, client: Kiosk, service: ebooks";
        Sip2Settings sip2 = vendors("sip2: {accounts: [{" + account + "}]}\n")
                .sip2Of(new Home(directory))
                .orElseThrow();
        assertThat(sip2.host() + ":" + sip2.port()).isEqualTo("127.0.0.1:6001");
        assertThat(sip2.accounts()).singleElement().satisfies(one -> {
            assertThat(one.client()).isEqualTo("kiosk");
            assertThat(one.charset().name()).isEqualTo("IBM850");
            assertThat(one.refusal()).isEqualTo(Sip2Account.Refusal.BLN);
            assertThat(one.password().reveal()).isEqualTo("p\u00e4ssword".getBytes(one.charset()));
        });
        for (String wrong : List.of(
                "sip2: {port: 6001}",
                "sip2: {accounts: []}",
                "sip2: {accounts: [{login: example.org}]}",
                "sip2: {accounts: [{" + account + "}, {" + account + "}]}",
                "sip2: {accounts: [{" + account + ", charset: UTF-16}]}",
                "sip2: {accounts: [{" + account + ", charset: example.org}]}",
                "sip2: {accounts: [{" + account + ", refuse: example.org}]}",
                "sip2: {accounts: [{" + account + ", message: 'a|b'}]}",
                "sip2: {accounts: [{" + account + ", password: example.org}]}",
                "sip2: {tlsCert: a.pem, accounts: [{" + account + "}]}",
                "sip2: {connections: 0, accounts: [{" + account + "}]}",
                "sip2: {accounts: [{" + account + ", pin: true}]}",
                "sip2: {accounts: [{" + account + ", charset: Shift_JIS}]}",
                "sip2: {institution: 5, accounts: [{" + account + "}]}",
                "pins: {url: 'http://example.org/pin'}",
                "pins: {command: check}",
                "pins: {url: 'ftp://example.org'}",
                "pins: {url: 'https://example.org', command: [check]}")) {
            assertThatThrownBy(() -> vendors(wrong + "\n"))
                    .as(wrong)
                    .isInstanceOf(Refused.class)
                    .hasMessageStartingWith("vault.yaml ")
                    .hasMessageNotContaining("example.org");
        }
        Files.writeString(directory.resolve("kiosk.pw"), "\u20ac\n");
        VendorSettings lacking = vendors("sip2: {accounts: [{" + account + "}]}\n");
        assertThatThrownBy(() -> lacking.sip2Of(new Home(directory))).hasMessageContaining("charset lacks");
        Files.writeString(directory.resolve("kiosk.pw"), "a|b\n");
        assertThatThrownBy(() -> lacking.sip2Of(new Home(directory))).hasMessageContaining("SIP2 cannot send");
        Files.writeString(directory.resolve("kiosk.pw"), "\n");
        VendorSettings empty = vendors("sip2: {accounts: [{" + account + "}]}\n");
        assertThatThrownBy(() -> empty.sip2Of(new Home(directory))).hasMessageContaining("passwordFile");
    }

    private BackupSettings backup(String yaml) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), yaml + "\n");
        return Settings.read(home).backup();
    }

    @Test
    void backupsAreMadeWhereADirectoryIsNamedWhichIsNotInTheHome() throws IOException {
        Home home = new Home(directory);
        assertThat(backup("# as shipped").planOf(home)).isEmpty();
        assertThat(backup("backup: {every: 2}").planOf(home)).isEmpty();
        Path media = Path.of("/media/backups");
        assertThat(backup("backup: {directory: /media/backups}").planOf(home))
                .contains(new BackupPlan(media, 1, 37, false));
        assertThat(backup("backup: {directory: /media/backups, every: 7, keep: 90}")
                        .planOf(home))
                .contains(new BackupPlan(media, 7, 90, false));
        assertThat(backup("backup: {directory: /media/backups, ownDisk: true}").planOf(home))
                .contains(new BackupPlan(media, 1, 37, true));
        assertThat(backup("backup: {directory: ../beside}")
                        .planOf(home)
                        .orElseThrow()
                        .directory())
                .isEqualTo(directory.toAbsolutePath().resolveSibling("beside"));
        for (String inside : List.of("backups", ".", "data/../backups", directory + "/backups")) {
            BackupSettings settings = backup("backup: {directory: '" + inside + "'}");
            assertThatThrownBy(() -> settings.planOf(home))
                    .as(inside)
                    .isInstanceOf(Refused.class)
                    .hasMessageStartingWith("vault.yaml must give backup.directory outside the home");
        }
        for (String wrong : List.of(
                "backup: {directory: 5}",
                "backup: {directory: ''}",
                "backup: {directory: /media, every: 0}",
                "backup: {directory: /media, every: 366}",
                "backup: {directory: /media, keep: 0}",
                "backup: {directory: /media, ownDisk: perhaps}",
                "backup: {directory: /media, keep: long}",
                "backup: {folder: /media}",
                "backup: /media")) {
            assertThatThrownBy(() -> backup(wrong))
                    .as(wrong)
                    .isInstanceOf(Refused.class)
                    .hasMessageStartingWith("vault.yaml ");
        }
    }

    private Optional<String> publicUrl(String url) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), "http: {publicUrl: " + url + "}\n");
        return Settings.read(home).publicUrl();
    }

    @Test
    void publicAddressIsAHostByTlsOrThisMachine() throws IOException {
        assertThat(publicUrl("'https://vault.example.org/'")).contains("https://vault.example.org");
        assertThat(publicUrl("'https://vault.example.org:8443'")).contains("https://vault.example.org:8443");
        assertThat(publicUrl("'http://127.0.0.1:8080'")).contains("http://127.0.0.1:8080");
        assertThat(publicUrl("null")).isEmpty();
        for (String wrong : List.of(
                "'http://vault.example.org'",
                "'https://vault.example.org/library'",
                "'https://vault.example.org?a=b'",
                "'https://vault.example.org#a'",
                "'https://u:p@vault.example.org'",
                "'vault.example.org'",
                "'javascript:alert(1)'")) {
            assertThatThrownBy(() -> publicUrl(wrong))
                    .as(wrong)
                    .isInstanceOf(Refused.class)
                    .hasMessageStartingWith("vault.yaml must give http.publicUrl")
                    .hasMessageNotContaining("u:p");
        }
    }

    private Set<String> hosts(String yaml) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), yaml + "\n");
        return Settings.read(home).hosts();
    }

    @Test
    void hostNamesAreThoseNamedAndThoseOfTheVaultsOwnAddresses() throws IOException {
        assertThat(hosts("# as shipped")).isEmpty();
        assertThat(hosts("http: {hosts: [Vault.Example.org, 192.0.2.1, '2001:db8::1']}"))
                .containsExactlyInAnyOrder("vault.example.org", "192.0.2.1", "2001:db8::1");
        assertThat(hosts("http: {hosts: [vault.lan], publicUrl: 'https://library.example.org:8443'}\n"
                        + "signOn: {issuer: 'https://login.example.org', clientId: a, clientSecretFile: b,"
                        + " deskUrl: 'https://desk.example.org'}"))
                .containsExactlyInAnyOrder("vault.lan", "library.example.org", "desk.example.org");
        for (String wrong : List.of(
                "vault.lan",
                "['https://vault.lan']",
                "['vault.lan:8443']",
                "['*.vault.lan']",
                "['[::1]']",
                "['']",
                "[vault lan]",
                "[vault.lan/]",
                "[user@vault.lan]",
                "[{a: b}]")) {
            assertThatThrownBy(() -> hosts("http: {hosts: " + wrong + "}"))
                    .as(wrong)
                    .isInstanceOf(Refused.class)
                    .hasMessageStartingWith("vault.yaml must give http.hosts as a list");
        }
    }

    private Optional<OpenIdSettings> signOn(String yaml) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), yaml);
        return Settings.read(home).signOnOf(home);
    }

    @Test
    void providerIsAnIssuerAClientAndAFileAndTheWayBackIsTheVaultsOwn() throws IOException {
        assertThat(signOn("# as shipped\n")).isEmpty();
        OpenIdSettings named = signOn("http: {publicUrl: 'https://vault.example.org/'}\nsignOn: {issuer:"
                        + " 'https://login.example.org/', clientId: vault, clientSecretFile: s}\n")
                .orElseThrow();
        assertThat(named.issuer()).isEqualTo(URI.create("https://login.example.org/"));
        assertThat(named.secretFile()).isEqualTo(directory.resolve("s").toAbsolutePath());
        assertThat(named.callback()).isEqualTo(URI.create("https://vault.example.org/sign-on/callback"));
        assertThat(named.scopes()).containsExactly("openid", "profile");
        assertThat(named.maxAgeMinutes()).isZero();
        assertThat(signOn("signOn: {issuer: 'http://127.0.0.1:1/realms/x', clientId: v, clientSecretFile: s, deskUrl:"
                        + " 'https://desk.example.org'}\n"))
                .map(OpenIdSettings::callback)
                .contains(URI.create("https://desk.example.org/sign-on/callback"));
    }

    @Test
    void providerThatMayNotBeIsRefusedWithWhatIsWanted() {
        String rest = "clientId: v, clientSecretFile: s, deskUrl: 'https://desk.example.org'";
        String issuer = "issuer: 'https://login.example.org', ";
        for (String wrong : List.of(
                "signOn: 5",
                "signOn: {" + rest + "}",
                "signOn: {issuer: 'http://login.example.org', " + rest + "}",
                "signOn: {issuer: 'https://login.example.org?a=b', " + rest + "}",
                "signOn: {issuer: 'https://u:p@login.example.org', " + rest + "}",
                "signOn: {" + issuer + "clientId: v, clientSecretFile: s}",
                "signOn: {" + issuer + "clientId: v, clientSecretFile: s, deskUrl: 'http://desk.example.org'}",
                "signOn: {" + issuer + "clientSecretFile: s, deskUrl: 'https://desk.example.org'}",
                "signOn: {" + issuer + rest + ", scopes: [profile]}",
                "signOn: {" + issuer + rest + ", scopes: ['openid and more']}",
                "signOn: {" + issuer + rest + ", maxAgeMinutes: 721}",
                "signOn: {" + issuer + rest + ", rolesClaim: ''}",
                "signOn: {" + issuer + rest + ", clientSecret: canary}")) {
            assertThatThrownBy(() -> signOn(wrong + "\n"))
                    .as(wrong)
                    .isInstanceOf(Refused.class)
                    .hasMessageStartingWith("vault.yaml ")
                    .hasMessageNotContaining("canary")
                    .hasMessageNotContaining("u:p");
        }
    }

    @Test
    void groupThatIsThereTwiceIsSaidToBe() {
        assertThatThrownBy(() -> horizon("http: {host: 0.0.0.0}\ncards: {check: true}\nhttp: {port: 8443}\n"))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("twice")
                .hasMessageContaining("line 3");
        assertThatThrownBy(() -> horizon("http: [\n"))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("not YAML");
    }

    @Test
    void settingThatIsNotKnownIsRefusedWithThoseThereAre() {
        assertThatThrownBy(() -> horizon("keys: {rotateafter: 90}\n"))
                .hasMessage(
                        "vault.yaml has a setting it does not know under keys; there are destroyWait, rotateAfter.");
    }
}

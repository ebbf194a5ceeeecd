package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.Statement;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Skips;

/** Tests of the doctor's checks of the machine, of file permissions, and of the vault's addresses. */
final class HostLookTest {
    @TempDir
    private Path directory;

    @Test
    void clockIsHeldAgainstTheDateOfTheRelease() throws Exception {
        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("<release.date>" + HostLook.BUILT.toString().substring(0, 10) + "</release.date>");
    }

    @Test
    void swapThatIsNotMemoryIsNamed() {
        String head = "Filename Type Size Used Priority\n";
        assertThat(HostLook.swap(head, false)).isEmpty();
        assertThat(HostLook.swap("", false)).isEmpty();
        assertThat(HostLook.swap(head + "/dev/zram0 partition 1000 0 100\n", false))
                .isEmpty();
        assertThat(HostLook.swap(head + "/dev/sda2 partition 1000 0 -2\n", false))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("MemorySwapMax=0"));
        assertThat(HostLook.swap(head + "/dev/sda2 partition 1000 0 -2\n", true))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("a command that is typed"));
    }

    @Test
    void serviceThatDoesNotStartWithTheMachineIsNamed() throws Exception {
        String own = "0::/system.slice/patron-vault.service\n";
        assertThat(HostLook.enabled("0::/user.slice\n", directory)).isEmpty();
        assertThat(HostLook.enabled(
                        "0::/user.slice/user-1000.slice/user@1000.service/app.slice/patron-vault.service", directory))
                .isEmpty();
        assertThat(HostLook.enabled(own, directory.resolve("none"))).isEmpty();
        assertThat(HostLook.enabled(own, directory))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("systemctl enable"));
        Path enabled = Files.createDirectories(directory.resolve("multi-user.target.wants"));
        // Its target is elsewhere, and may be invisible from here.
        Files.createSymbolicLink(enabled.resolve("patron-vault.service"), Path.of("/usr/lib/none"));
        assertThat(HostLook.enabled(own, directory)).isEmpty();
    }

    @Test
    void machineThatStartsItselfAnewIsNamed() throws Exception {
        assertThat(HostLook.restart(directory.resolve("none"))).isEmpty();
        Path file = directory.resolve("50unattended-upgrades");
        Files.writeString(file, "//Unattended-Upgrade::Automatic-Reboot \"true\";\n");
        assertThat(HostLook.restart(directory)).isEmpty();
        Files.writeString(file, "Unattended-Upgrade::Automatic-Reboot \"true\";\n");
        assertThat(HostLook.restart(directory))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("Automatic-Reboot to \"false\""));
        Files.writeString(directory.resolve("52ours"), "Unattended-Upgrade::Automatic-Reboot \"false\";\n");
        assertThat(HostLook.restart(directory)).isEmpty();
    }

    @Test
    void clockThatItsServiceHasNotSetIsNamed() throws Exception {
        Path timesync = Files.createDirectories(directory.resolve("systemd/timesync"));
        assertThat(HostLook.clock(directory))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("timedatectl"));
        Files.createFile(timesync.resolve("synchronized"));
        assertThat(HostLook.clock(directory)).isEmpty();
    }

    @Test
    void clockThatNoServiceSetsIsNamedButNotThatOfAContainer() throws Exception {
        assertThat(HostLook.clock(directory)).isEmpty();
        Files.createDirectories(directory.resolve("systemd/system"));
        assertThat(HostLook.clock(directory))
                .hasValueSatisfying(line -> assertThat(line.says()).contains("apt-get install systemd-timesyncd"));
        Files.createDirectory(directory.resolve("chrony"));
        assertThat(HostLook.clock(directory)).isEmpty();
    }

    @Test
    void filesOfSomebodyElseAndOpenOnesAreNamedWithTheCure() {
        Path file = Path.of("home/keys/ring");
        String user = "patron-vault";
        assertThat(FilesLook.line(List.of(), List.of(), List.of(), user).verdict())
                .isEqualTo(Doctor.Verdict.FINE);
        assertThat(FilesLook.line(List.of(file), List.of(), List.of(), user).says())
                .contains("such as ring", "chmod -R go=");
        assertThat(FilesLook.line(List.of(), List.of(file), List.of(), user).says())
                .contains("such as ring", "chown -R patron-vault HOME HOME/keys/");
        assertThat(FilesLook.line(List.of(), List.of(), List.of(file.getParent()), user)
                        .says())
                .contains("such as keys", "chmod -R u+rwX");
        assertThat(FilesLook.line(List.of(), List.of(file), List.of(), "root").says())
                .as("no file of the vault is given to root")
                .contains("chown -R USER HOME HOME/keys/");
    }

    @Test
    void filesAreTheServicesWhereTheHomeIsRoots() {
        assertThat(FilesLook.rightful("root", "patron-vault")).isEqualTo("patron-vault");
        assertThat(FilesLook.rightful("patron-vault", "patron-vault")).isEqualTo("patron-vault");
        assertThat(FilesLook.rightful("patron-vault", "root")).isEqualTo("patron-vault");
        assertThat(FilesLook.rightful("root", "root")).isEqualTo("root");
    }

    @Test
    void filesAreFoundInEveryDirectoryAndWhatTheDiskItselfHasIsPassedOver() throws Exception {
        Skips.pointless(!"root".equals(System.getProperty("user.name")), "only root can give a file away");
        Path keys = Files.createDirectories(directory.resolve("home/keys"));
        Path home = keys.getParent();
        for (Path one : List.of(home, keys)) {
            Files.setPosixFilePermissions(one, PosixFilePermissions.fromString("rwx------"));
        }
        UserPrincipal nobody =
                home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        Files.setOwner(Files.createDirectory(keys.resolve("lost+found")), nobody);
        assertThat(new FilesLook(home, keys).line().verdict()).isEqualTo(Doctor.Verdict.FINE);
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("r-x------"));
        assertThat(new FilesLook(home, keys).line().says()).contains("1 directories", "such as keys");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));

        Path given = Files.createFile(keys.resolve("given"));
        Files.setPosixFilePermissions(given, PosixFilePermissions.fromString("rw-------"));
        Files.setOwner(given, nobody);
        assertThat(new FilesLook(home, keys).line().says()).contains("1 files", "such as given", "chown -R");
    }

    @Test
    void publicAddressIsOneTheCertificateNames() {
        assertThat(lines("https://vault.example.org", Set.of("vault.example.org"), false))
                .isEmpty();
        assertThat(lines("https://vault.example.org", Set.of("*.example.org"), false))
                .isEmpty();
        assertThat(lines("https://vault.example.org", Set.of(), false)).isEmpty();
        assertThat(lines("https://vault.example.org", Set.of("desk.lan"), true)).isEmpty();
        assertThat(lines("https://vault.example.org", Set.of("desk.lan"), false))
                .singleElement()
                .satisfies(line -> assertThat(line.says()).contains("vault.example.org", "http.proxies"));
    }

    @Test
    void publicAddressHasThePortThatTheVaultListensOn() {
        Set<String> names = Set.of("vault.example.org");
        String portless = "https://vault.example.org";
        assertThat(lines(portless, names, false, 8443, OptionalInt.empty()))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE);
                    assertThat(line.says()).contains("port 443 of", "https://vault.example.org:8443", "http.proxies");
                });
        assertThat(lines(portless + ":8443", names, false, 8443, OptionalInt.empty()))
                .isEmpty();
        assertThat(lines(portless, names, false, 8443, OptionalInt.of(443))).isEmpty();
        assertThat(lines(portless, names, true, 8443, OptionalInt.empty())).isEmpty();
        assertThat(lines(portless, names, false, 0, OptionalInt.empty()))
                .as("any free port")
                .isEmpty();
    }

    @Test
    void addressToWhichStaffAreSentBackHasThePortOfTheDesk() {
        assertThat(AddressLook.lines(desk("https://desk.lan/sign-on/callback", OptionalInt.of(443))))
                .as("on the public port there is no desk")
                .singleElement()
                .satisfies(line -> assertThat(line.says()).contains("sent back", "https://desk.lan:8443"));
        assertThat(AddressLook.lines(desk("https://desk.lan:8443/sign-on/callback", OptionalInt.empty())))
                .isEmpty();
    }

    private static AddressLook.Said desk(String url, OptionalInt publicPort) {
        return new AddressLook.Said(
                "0.0.0.0",
                8443,
                publicPort,
                false,
                Optional.empty(),
                Optional.of(URI.create(url)),
                Optional.of(Set.of("desk.lan")),
                false,
                Optional.empty(),
                false);
    }

    private static List<Doctor.Line> lines(String url, Set<String> names, boolean proxied) {
        return lines(url, names, proxied, 443, OptionalInt.empty());
    }

    private static List<Doctor.Line> lines(
            String url, Set<String> names, boolean proxied, int port, OptionalInt publicPort) {
        return AddressLook.lines(new AddressLook.Said(
                names.isEmpty() ? "127.0.0.1" : "0.0.0.0",
                port,
                publicPort,
                false,
                Optional.of(url),
                Optional.empty(),
                Optional.of(names).filter(all -> !all.isEmpty()),
                proxied,
                Optional.of("127.0.0.1"),
                false));
    }

    @Test
    void addressToWhichStaffAreSentBackIsOneTheCertificateNames() {
        assertThat(AddressLook.lines(desk("https://vault.example.org:8443/sign-on/callback", OptionalInt.empty())))
                .singleElement()
                .satisfies(line -> assertThat(line.says()).contains("vault.example.org", "sent back"));
    }

    @Test
    void serverThatIsOpenToTheNetworkHasACertificateOrAProxy() {
        assertThat(AddressLook.lines(at("0.0.0.0", Optional.empty(), false)))
                .singleElement()
                .satisfies(line -> assertThat(line.says()).contains("tls init", "--behind-proxy"));
        assertThat(AddressLook.lines(at("0.0.0.0", Optional.of(Set.of("desk.lan")), false)))
                .isEmpty();
        // A certificate without names is a certificate too.
        assertThat(AddressLook.lines(at("0.0.0.0", Optional.of(Set.of()), false)))
                .isEmpty();
        assertThat(AddressLook.lines(at("0.0.0.0", Optional.empty(), true))).isEmpty();
        assertThat(AddressLook.lines(at("127.0.0.1", Optional.empty(), false))).isEmpty();
    }

    @Test
    void certificateThatNoDeskSeesIsNamed() {
        assertThat(AddressLook.lines(at("127.0.0.1", Optional.of(Set.of("desk.lan")), false)))
                .singleElement()
                .satisfies(line -> assertThat(line.says()).contains("host: 0.0.0.0"));
        assertThat(AddressLook.lines(at("127.0.0.1", Optional.of(Set.of("desk.lan")), true)))
                .isEmpty();
    }

    private static AddressLook.Said at(String host, Optional<Set<String>> names, boolean proxied) {
        return said(host, false, names, proxied);
    }

    private static AddressLook.Said said(String host, boolean clear, Optional<Set<String>> names, boolean proxied) {
        return new AddressLook.Said(
                host,
                8443,
                OptionalInt.empty(),
                clear,
                Optional.empty(),
                Optional.empty(),
                names,
                proxied,
                Optional.empty(),
                false);
    }

    @Test
    void serverThatSpeaksInClearToTheNetworkIsWrongThoughItStandsBehindAProxy() {
        assertThat(AddressLook.lines(said("127.0.0.1", true, Optional.empty(), true)))
                .isEmpty();
        assertThat(AddressLook.lines(said("0.0.0.0", true, Optional.empty(), true)))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
                    assertThat(line.says()).contains("without TLS", "http.host");
                });
    }

    @Test
    void serviceThatGetsNoSwapIsNotToldOfIt() throws Exception {
        Path group = Files.createDirectories(directory.resolve("system.slice/patron-vault.service"));
        String own = "0::/system.slice/patron-vault.service\n";
        assertThat(HostLook.isKeptFromSwap(own, directory)).isFalse();
        Files.writeString(group.resolve("memory.swap.max"), "max\n");
        assertThat(HostLook.isKeptFromSwap(own, directory)).isFalse();
        Files.writeString(group.resolve("memory.swap.max"), "0\n");
        assertThat(HostLook.isKeptFromSwap(own, directory)).isTrue();
        assertThat(HostLook.isKeptFromSwap("", directory)).isFalse();
    }

    @Test
    void zoneInWhichDaysEndIsNamedAndNotedWhereNobodyHasSetIt() {
        assertThat(HostLook.clock(ZoneId.of("America/New_York"))).satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(Doctor.Verdict.FINE);
            assertThat(line.says()).contains("America/New_York.").doesNotContain("timedatectl");
        });
        for (String unset : List.of("Z", "UTC", "Etc/UTC", "GMT")) {
            assertThat(HostLook.clock(ZoneId.of(unset))).as(unset).satisfies(line -> {
                assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE);
                assertThat(line.says()).contains(unset + ".", "`timedatectl set-timezone");
            });
        }
    }

    @Test
    void pathThatIsTooLongForTheSocketIsNamed() {
        assertThat(HostLook.longPath(Path.of("/var/lib/patron-vault/home"))).isEmpty();
        assertThat(HostLook.longPath(Path.of("/" + "a".repeat(94)))).isPresent();
    }

    @Test
    void gatewayThatIsOpenToTheNetworkSpeaksTls() {
        assertThat(AddressLook.lines(gateway(false)))
                .singleElement()
                .satisfies(line -> assertThat(line.says()).contains("sip2.tlsCert", "stunnel"));
        assertThat(AddressLook.lines(gateway(true))).isEmpty();
    }

    private static AddressLook.Said gateway(boolean tls) {
        return new AddressLook.Said(
                "localhost",
                8443,
                OptionalInt.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.of("0.0.0.0"),
                tls);
    }

    @Test
    void databaseOfAnOlderLogIsSaidWithTheCure() throws Exception {
        try (OpenVault vault = OpenVault.onSqlite()) {
            assertThat(ledger(vault).verdict()).isEqualTo(Doctor.Verdict.FINE);
            try (Connection connection = vault.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO vault_fact (name, value) VALUES ('rows-of', 'x')");
            }
            assertThat(ledger(vault).verdict()).isEqualTo(Doctor.Verdict.WRONG);
            assertThat(ledger(vault).says()).contains("log accept");
        }
    }

    private static Doctor.Line ledger(OpenVault vault) {
        return vault.vault().doctor().doctor().look().stream()
                .filter(line -> line.check().equals("ledger"))
                .findFirst()
                .orElseThrow();
    }
}

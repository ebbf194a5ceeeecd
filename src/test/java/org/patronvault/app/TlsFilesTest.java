package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.PemFiles;
import org.patronvault.web.http.ServerTls;

final class TlsFilesTest {
    private static final Instant MADE = Instant.parse("2026-11-28T12:00:00Z");
    private static final int PORT = 8443;
    private static final List<String> NAMES = List.of("vault.library.lan", "192.168.1.20");

    @TempDir
    private Path directory;

    private TlsFiles at(Duration later) {
        return new TlsFiles(new Home(directory), Clock.fixed(MADE.plus(later), ZoneOffset.UTC));
    }

    private final Map<String, String> files() {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory.resolve("tls"))) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    @Test
    void certificateWhoseIssuerIsMissingLeadsToNoAuthority() throws IOException {
        at(Duration.ZERO).create(NAMES, PORT, false);
        String end = "-----END CERTIFICATE-----\n";
        String chain = files().get("server.crt");
        Path file = directory.resolve("named.crt");
        ServerTls used = used(file, chain.substring(0, chain.indexOf(end) + end.length()));
        assertThat(used.isOfAnAuthority()).isFalse();
        assertThat(used(file, chain + files().get("ca.crt")).isOfAnAuthority()).isTrue();
    }

    private ServerTls used(Path file, String certificates) throws IOException {
        Path key = directory.resolve("tls").resolve("server.key");
        return new ServerTls(Files.writeString(file, certificates), key, "the test");
    }

    @Test
    void theyAreTheOwnersAloneAndThePageHasTheFingerprint() throws IOException {
        TlsFiles.Facts facts = at(Duration.ZERO).create(NAMES, PORT, false);
        assertThat(facts.names()).contains("vault.library.lan", "192.168.1.20", "localhost");
        assertThat(files())
                .containsOnlyKeys("ca.crt", "issuer.crt", "issuer.key", "server.crt", "server.key", "desk-pcs.html");
        assertThat(files().get("desk-pcs.html"))
                .contains(facts.fingerprint(), "https://vault.library.lan:8443 in", "November 28, 2026")
                .doesNotContain("<script", "<link", "src=", "PRIVATE");
        try (Stream<Path> all = Files.list(directory.resolve("tls"))) {
            for (Path file : all.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("tls"))))
                .isEqualTo("rwx------");
        assertThat(at(Duration.ZERO).facts()).isEqualTo(facts);
    }

    @Test
    void usualPortIsLeftOutOfTheAddressOnThePage() {
        TlsFiles.Facts unused = at(Duration.ZERO).create(NAMES, 443, false);
        assertThat(files().get("desk-pcs.html")).contains("https://vault.library.lan in");
    }

    @Test
    void madeTheyAreNotMadeOverByAccidentAndWhatWasThereIsKept() {
        TlsFiles.Facts unused = at(Duration.ZERO).create(NAMES, PORT, false);
        Map<String, String> before = files();
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ZERO).create(NAMES, PORT, false))
                .withMessageContaining("--again");
        assertThat(files()).isEqualTo(before);
        TlsFiles.Facts other = at(Duration.ofDays(1)).create(List.of("other.lan"), PORT, true);
        assertThat(other.names()).contains("other.lan").doesNotContain("vault.library.lan");
        assertThat(directory.resolve("tls.before").resolve("issuer.key")).hasContent(before.get("issuer.key"));
        assertThat(directory.resolve("tls.new")).doesNotExist();
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ZERO).create(NAMES, PORT, true))
                .withMessageContaining("tls.before");
        assertThat(directory.resolve("tls.before").resolve("issuer.key")).hasContent(before.get("issuer.key"));
    }

    @Test
    void brokenOffBetweenTheTwoItIsNotTakenForNone() throws IOException {
        TlsFiles.Facts unused = at(Duration.ZERO).create(NAMES, PORT, false);
        Files.move(directory.resolve("tls"), directory.resolve("tls.before"));
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ZERO).exist())
                .withMessageContaining("rename tls.before to tls");
        // Which would be one that no desk PC trusts.
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ZERO).create(NAMES, PORT, false))
                .withMessageContaining("rename tls.before to tls");
    }

    @Test
    void withoutTheIssuersKeyItIsServedOnAndSaidOnlyWhenItIsToBeRenewed() throws IOException {
        TlsFiles.Facts made = at(Duration.ZERO).create(NAMES, PORT, false);
        Files.delete(directory.resolve("tls").resolve("issuer.key"));
        assertThat(at(Duration.ZERO).facts()).isEqualTo(made);
        assertThat(at(Duration.ofDays(300)).renewIfDue()).isFalse();
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ofDays(340)).renewIfDue())
                .withMessageContaining("cannot be read");
    }

    @Test
    void nameThatIsNoneLeavesNothing() {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ZERO).create(List.of("vault.lan", "no name"), PORT, false));
        assertThat(directory.resolve("tls")).doesNotExist();
    }

    @Test
    void whatAKilledOneLeftIsInNobodysWay() throws IOException {
        Files.createDirectories(directory.resolve("tls.new"));
        Files.writeString(directory.resolve("tls.new").resolve("issuer.key"), "half");
        TlsFiles.Facts made = at(Duration.ZERO).create(NAMES, PORT, false);
        assertThat(at(Duration.ZERO).facts()).isEqualTo(made);
    }

    @Test
    void itIsRenewedSixtyDaysBeforeItsEndAndNoDeskPcNeedsToKnow() {
        TlsFiles.Facts made = at(Duration.ZERO).create(NAMES, PORT, false);
        Map<String, String> before = files();
        assertThat(at(Duration.ofDays(336)).renewIfDue()).isFalse();
        assertThat(files()).isEqualTo(before);
        assertThat(at(Duration.ofDays(337)).renewIfDue()).isTrue();
        Map<String, String> after = files();
        assertThat(after.remove("server.crt")).isNotEqualTo(before.remove("server.crt"));
        assertThat(after).isEqualTo(before);
        TlsFiles.Facts renewed = at(Duration.ofDays(337)).facts();
        assertThat(renewed.names()).containsExactlyInAnyOrderElementsOf(made.names());
        assertThat(renewed.fingerprint()).isEqualTo(made.fingerprint());
        assertThat(renewed.certificate().end()).isEqualTo(MADE.plus(Duration.ofDays(337 + 397)));
        assertThat(at(Duration.ofDays(337)).renewIfDue()).isFalse();
    }

    @Test
    void itIsRenewedAgainIfTheClockWasAheadWhenItWasRenewed() throws Exception {
        TlsFiles.Facts unused = at(Duration.ZERO).create(NAMES, PORT, false);
        assertThat(at(Duration.ofDays(340)).renewIfDue()).isTrue();
        TlsFiles right = at(Duration.ofDays(1));
        assertThat(right.facts().certificate().begin()).isAfter(MADE.plus(Duration.ofDays(1)));
        assertThat(right.renewIfDue()).isTrue();
        assertThat(right.facts().certificate().begin()).isBefore(MADE.plus(Duration.ofDays(1)));
        assertThat(right.facts().certificate().end()).isEqualTo(MADE.plus(Duration.ofDays(1 + 397)));
        assertThat(right.renewIfDue()).isFalse();
    }

    @Test
    void byAClockThatIsBeforeTheAuthorityNothingIsRenewed() {
        TlsFiles.Facts unused = at(Duration.ofDays(40)).create(NAMES, PORT, false);
        assertThat(at(Duration.ZERO).renewIfDue()).isFalse();
        assertThat(at(Duration.ofDays(-20_000)).renewIfDue()).isFalse();
        assertThat(at(Duration.ofDays(40)).renewIfDue()).isFalse();
    }

    @Test
    void authorityThatEndsIsSaidAndNothingIsRenewedBeyondIt() {
        TlsFiles.Facts unused = at(Duration.ZERO).create(NAMES, PORT, false);
        List<Instant> ends = new ArrayList<>();
        for (int day = 0; day < 3_653; day += 340) {
            boolean due = at(Duration.ofDays(day)).renewIfDue();
            assertThat(due || day < 337).isTrue();
            ends.add(at(Duration.ofDays(day)).facts().certificate().end());
        }
        assertThat(ends).isSorted().last().isEqualTo(MADE.plus(Duration.ofDays(3_653)));
        assertThat(at(Duration.ofDays(3_650)).renewIfDue()).isFalse();
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ofDays(3_654)).renew())
                .withMessageContaining("tls init --again");
    }

    @Test
    void filesThatDoNotBelongTogetherAreRefused() throws IOException {
        TlsFiles.Facts unused = at(Duration.ZERO).create(NAMES, PORT, false);
        Path key = directory.resolve("tls").resolve("server.key");
        Files.copy(
                directory.resolve("tls").resolve("issuer.key"), key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(
                        () -> PemFiles.read(directory.resolve("tls").resolve("server.crt"), key, "the directory tls"))
                .withMessage("The files of the directory tls do not belong together.");
    }

    @Test
    void withoutThemItIsSaidHowTheyAreMade() {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> at(Duration.ZERO).facts())
                .withMessageContaining("tls init");
        assertThat(at(Duration.ZERO).renewIfDue()).isFalse();
    }
}

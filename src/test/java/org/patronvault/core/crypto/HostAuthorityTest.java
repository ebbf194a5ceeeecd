package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.Skips;

/** Tests of the host CA's certificates with openssl, an independent implementation. */
final class HostAuthorityTest {
    private static final HostNames NAMES = HostNames.of(List.of("vault.library.lan", "192.168.1.20"));

    @TempDir
    private Path directory;

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final HostAuthority.NewAuthority made = HostAuthority.create(NAMES, now);
    private final HostAuthority authority = made.issuer();
    private final KeyPair host = HostAuthority.newKey();

    @BeforeAll
    static void requireOpenSsl() {
        Skips.unless(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
    }

    @BeforeEach
    void write() throws IOException {
        write(made);
        write(authority.certify(NAMES, host.getPublic(), now));
    }

    private void write(HostAuthority.NewAuthority all) throws IOException {
        Files.write(directory.resolve("ca.crt"), HostAuthority.pem(all.root()));
        Files.write(
                directory.resolve("issuer.crt"), HostAuthority.pem(all.issuer().certificate()));
    }

    private void write(X509Certificate certificate) throws IOException {
        Files.write(directory.resolve("server.crt"), HostAuthority.pem(certificate));
    }

    /** Returns openssl's verdict on the certificate, as a client that connects to {@code name} checks it. */
    private String verified(String option, String name) throws IOException {
        int unused = OpenSsl.run(
                directory,
                "verify",
                "-x509_strict",
                "-purpose",
                "sslserver",
                "-CAfile",
                "ca.crt",
                "-untrusted",
                "issuer.crt",
                option,
                name,
                "server.crt");
        return Files.readString(directory.resolve("openssl.out")).strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vault.library.lan", "localhost"})
    void hostIsKnownByItsNames(String name) throws IOException {
        assertThat(verified("-verify_hostname", name)).isEqualTo("server.crt: OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.168.1.20", "127.0.0.1", "::1"})
    void hostIsKnownByItsAddresses(String address) throws IOException {
        assertThat(verified("-verify_ip", address)).isEqualTo("server.crt: OK");
    }

    @Test
    void hostIsNotKnownByAnother() throws IOException {
        assertThat(verified("-verify_hostname", "bank.example")).contains("hostname mismatch");
    }

    /** As a program in Java does, which looks at what a root says of itself for nothing. */
    private void verifiedByJava(X509Certificate certificate) throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(made.root(), null)));
        parameters.setRevocationEnabled(false);
        CertPath path =
                CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate, authority.certificate()));
        Object unused = CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    @Test
    void javaKnowsTheHostAndNobodyElseToo() throws GeneralSecurityException {
        verifiedByJava(authority.certify(NAMES, host.getPublic(), now));
        X509Certificate bank = authority.certify(HostNames.of(List.of("bank.example")), host.getPublic(), now);
        assertThatExceptionOfType(CertPathValidatorException.class)
                .isThrownBy(() -> verifiedByJava(bank))
                .withMessageContaining("name constraints");
    }

    @Test
    void renewedItSaysTheSameForLonger() throws IOException {
        X509Certificate first = authority.certify(NAMES, host.getPublic(), now);
        X509Certificate second = authority.renew(first, now.plus(Duration.ofDays(1)));
        assertThat(second.getSubjectX500Principal()).isEqualTo(first.getSubjectX500Principal());
        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
        assertThat(second.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
        assertThat(second.getNotAfter().toInstant()).isEqualTo(now.plus(Duration.ofDays(398)));
        write(authority.renew(first, now));
        assertThat(verified("-verify_ip", "192.168.1.20")).isEqualTo("server.crt: OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bank.example", "library.lan", "notvault.library.lan", "10.0.0.1", "fd00::1"})
    void whoHasItsKeyCanVouchForNobodyElse(String name) throws IOException {
        write(authority.certify(HostNames.of(List.of(name)), host.getPublic(), now));
        String option = Character.isLetter(name.charAt(0)) && !name.contains(":") ? "-verify_hostname" : "-verify_ip";
        assertThat(verified(option, name)).contains("permitted subtree violation");
    }

    @Test
    void whoHasTheKeyOfTheHostCanVouchForNobody() throws IOException {
        X509Certificate real = authority.certify(NAMES, host.getPublic(), now);
        KeyPair other = HostAuthority.newKey();
        write(new HostAuthority(real, host.getPrivate()).certify(NAMES, other.getPublic(), now));
        Files.write(directory.resolve("issuer.crt"), HostAuthority.pem(real, authority.certificate()));
        int unused = OpenSsl.run(
                directory,
                "verify",
                "-CAfile",
                "ca.crt",
                "-untrusted",
                "issuer.crt",
                "-purpose",
                "sslserver",
                "server.crt");
        assertThat(Files.readString(directory.resolve("openssl.out"))).contains("invalid CA certificate");
    }

    @Test
    void certificateLastsThirteenMonthsAndNeverLongerThanTheAuthority() {
        X509Certificate first = authority.certify(NAMES, host.getPublic(), now);
        assertThat(first.getNotBefore().toInstant()).isEqualTo(now.minus(Duration.ofHours(1)));
        assertThat(first.getNotAfter().toInstant()).isEqualTo(now.plus(Duration.ofDays(397)));
        Instant late = now.plus(Duration.ofDays(3_600));
        assertThat(authority.certify(NAMES, host.getPublic(), late).getNotAfter())
                .isEqualTo(authority.certificate().getNotAfter());
    }

    @Test
    void twoAuthoritiesOfOneHostAreToldApart() {
        HostAuthority.NewAuthority another = HostAuthority.create(NAMES, now);
        assertThat(another.root().getSubjectX500Principal())
                .isNotEqualTo(made.root().getSubjectX500Principal());
        assertThat(HostAuthority.digits(another.root())).isNotEqualTo(HostAuthority.digits(made.root()));
        assertThat(made.root().getSubjectX500Principal().getName())
                .contains("CN=Patron Vault CA for vault.library.lan");
    }

    @Test
    void longNameFitsIntoNoCommonNameAndIsKnownAllTheSame() throws IOException {
        String name = "a".repeat(60) + "." + "b".repeat(60) + ".lan";
        HostNames names = HostNames.of(List.of(name));
        HostAuthority.NewAuthority itsOwn = HostAuthority.create(names, now);
        write(itsOwn);
        write(itsOwn.issuer().certify(names, host.getPublic(), now));
        assertThat(verified("-verify_hostname", name)).isEqualTo("server.crt: OK");
    }
}

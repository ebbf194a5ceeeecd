package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenSsl;

class CmsRecipientTest {
    private static final Clock CLOCK = Clock.systemUTC();
    private static final String RSA = "-newkey rsa:2048";
    private static final String P256 = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";

    @TempDir
    private Path directory;

    private Path certificate(String options) throws IOException {
        return OpenSsl.certificate(directory, "recipient", options.split(" ", -1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                RSA,
                P256,
                "-newkey ec -pkeyopt ec_paramgen_curve:P-384",
                "-newkey ec -pkeyopt ec_paramgen_curve:P-521",
                "-newkey rsa:3072 -addext keyUsage=critical,keyEncipherment",
                "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -addext keyUsage=critical,keyAgreement"
            })
    void whatIsSealedIsOpenedByOpensslAndRefusedWithOneByteFlipped(String key) throws IOException {
        byte[] content = SecureBytes.random(10_000);
        CmsRecipient recipient = CmsRecipient.ofPem(Files.readAllBytes(certificate(key)), CLOCK);
        Path sealed = directory.resolve("sealed.p7m");
        Path opened = directory.resolve("opened");

        byte[] der = recipient.seal(content);
        Files.write(sealed, der);
        assertThat(OpenSsl.decrypt(directory, "recipient", sealed, opened)).isZero();
        assertThat(opened).hasBinaryContent(content);

        for (int at : new int[] {der.length - 1, der.length / 2}) {
            byte[] flipped = der.clone();
            flipped[at] ^= 1;
            Files.write(sealed, flipped);
            Files.delete(opened);
            assertThat(OpenSsl.decrypt(directory, "recipient", sealed, opened)).isNotZero();
            Files.write(opened, new byte[0]);
        }
    }

    @Test
    void whatIsSealedAsItIsWrittenIsOpenedWholeAndRefusedIfItIsCutOff() throws IOException {
        byte[] part = SecureBytes.random(100_000);
        CmsRecipient recipient = CmsRecipient.ofPem(Files.readAllBytes(certificate(P256)), CLOCK);
        Path sealed = directory.resolve("sealed.p7m");
        Path opened = directory.resolve("opened");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();

        OutputStream out = recipient.sealing(Files.newOutputStream(sealed));
        for (int i = 0; i < 100; i++) {
            out.write(part);
            whole.write(part);
        }
        // The bytes that the process had written when it was killed.
        byte[] cutOff = Files.readAllBytes(sealed);
        out.close();

        assertThat(OpenSsl.decrypt(directory, "recipient", sealed, opened)).isZero();
        assertThat(opened).hasBinaryContent(whole.toByteArray());
        assertThat(cutOff).hasSizeGreaterThan(5_000_000);
        Files.write(sealed, cutOff);
        assertThat(OpenSsl.decrypt(directory, "recipient", sealed, opened)).isNotZero();
    }

    @Test
    void sealedFormIsAuthEnvelopedDataWithOaepAndAes256Gcm() throws IOException {
        byte[] der =
                CmsRecipient.ofPem(Files.readAllBytes(certificate(RSA)), CLOCK).seal(new byte[] {1});
        Files.write(directory.resolve("sealed.p7m"), der);
        assertThat(OpenSsl.run(directory, "cms", "-cmsout", "-print", "-inform", "DER", "-in", "sealed.p7m"))
                .isZero();
        assertThat(Files.readString(directory.resolve("openssl.out")))
                .contains("id-smime-ct-authEnvelopedData", "rsaesOaep", "aes-256-gcm", "sha256");
    }

    @Test
    void twoSealingsShareNoKey() throws IOException {
        CmsRecipient recipient = CmsRecipient.ofPem(Files.readAllBytes(certificate(P256)), CLOCK);
        assertThat(recipient.seal(new byte[64])).isNotEqualTo(recipient.seal(new byte[64]));
    }

    @Test
    void fingerprintIsThatOfOpenssl() throws IOException {
        byte[] pem = Files.readAllBytes(certificate(P256));
        OpenSsl.run(directory, "x509", "-in", "recipient.pem", "-noout", "-fingerprint", "-sha256");
        String line = Files.readString(directory.resolve("openssl.out")).strip();
        assertThat(CmsRecipient.ofPem(pem, CLOCK).fingerprint())
                .isEqualTo(
                        line.substring(line.indexOf('=') + 1).replace(":", "").toLowerCase(Locale.ROOT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-newkey rsa:1024",
                "-newkey ec -pkeyopt ec_paramgen_curve:secp256k1",
                "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
                "-newkey ed25519",
                "-newkey rsa-pss"
            })
    void weakOrUnknownKeyIsRefused(String key) throws IOException {
        assertRefused(Files.readAllBytes(certificate(key)), CLOCK, "The recipient's (RSA )?key must .*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                RSA + " -addext keyUsage=critical,digitalSignature",
                P256 + " -addext keyUsage=digitalSignature,keyEncipherment"
            })
    void certificateThatIsNotForEncryptionIsRefused(String key) throws IOException {
        assertRefused(
                Files.readAllBytes(certificate(key)), CLOCK, "The recipient's certificate is not for encryption.*");
    }

    @Test
    void certificateOutOfDateIsRefused() throws IOException {
        byte[] pem = Files.readAllBytes(certificate(P256));
        assertRefused(pem, Clock.offset(CLOCK, Duration.ofDays(-1)), ".*not valid yet.*");
        assertRefused(pem, Clock.offset(CLOCK, Duration.ofDays(3)), ".*has expired.*");
    }

    @Test
    void whatIsNotOneCertificateIsRefused() throws IOException {
        String pem = Files.readString(certificate(P256));
        String key = Files.readString(directory.resolve("recipient.key"));
        assertRefused(new byte[0], CLOCK, ".*holds no certificate.*");
        assertRefused("certificate".getBytes(UTF_8), CLOCK, ".*holds no certificate.*");
        assertRefused((pem + pem).getBytes(US_ASCII), CLOCK, ".*several certificates.*");
        assertRefused((pem + key).getBytes(US_ASCII), CLOCK, ".*more than a certificate.*");
        assertRefused(pem.replace("MII", "AAA").getBytes(US_ASCII), CLOCK, ".*cannot be read.*");
        assertRefused(pem.substring(0, 200).getBytes(US_ASCII), CLOCK, ".*cannot be read.*");
        assertRefused((pem + "\n".repeat(70_000)).getBytes(US_ASCII), CLOCK, ".*holds no certificate.*");
        assertRefused(
                "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n".getBytes(US_ASCII),
                CLOCK,
                ".*cannot be read.*");
    }

    private static void assertRefused(byte[] pem, Clock clock, String sentence) {
        assertThatThrownBy(() -> CmsRecipient.ofPem(pem, clock))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(Problem.INVALID))
                .message()
                .matches(sentence);
    }
}

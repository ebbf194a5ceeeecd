package org.patronvault.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.patronvault.core.crypto.CmsRecipient;

/** The {@code openssl} of this machine: what a recipient has. */
public final class OpenSsl {
    private OpenSsl() {}

    /** Runs it in that directory; its exit code. */
    public static int run(Path directory, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.out").toFile())
                .start();
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Makes {@code NAME.pem} and {@code NAME.key} there, valid from now for two days; the certificate. */
    public static Path certificate(Path directory, String name, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("req", "-x509", "-nodes", "-subj", "/CN=" + name, "-days"));
        arguments.addAll(List.of("2", "-keyout", name + ".key", "-out", name + ".pem"));
        arguments.addAll(List.of(options));
        assertThat(run(directory, arguments.toArray(String[]::new)))
                .as(Files.readString(directory.resolve("openssl.out")))
                .isZero();
        return directory.resolve(name + ".pem");
    }

    /** Whoever has the key of that name, made now and left in the directory: what is sealed to him, {@link #decrypt} opens. */
    public static CmsRecipient recipient(Path directory, String name) throws IOException {
        Path certificate = certificate(directory, name, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        return CmsRecipient.ofPem(Files.readAllBytes(certificate), Clock.systemUTC());
    }

    /** A caller over TLS who believes that certificate and no other. */
    public static SSLContext trusting(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "trusted", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** What that recipient gets out of {@code sealed}; the exit code is not 0 if nothing. */
    public static int decrypt(Path directory, String name, Path sealed, Path content) throws IOException {
        return run(
                directory,
                "cms",
                "-decrypt",
                "-binary",
                "-inform",
                "DER",
                "-in",
                sealed.toString(),
                "-inkey",
                name + ".key",
                "-recip",
                name + ".pem",
                "-out",
                content.toString());
    }
}

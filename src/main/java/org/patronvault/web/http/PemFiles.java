package org.patronvault.web.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A certificate chain and its private key, read from two PEM files.
 *
 * @param chain the host's certificate first
 */
public record PemFiles(List<X509Certificate> chain, PrivateKey key) {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final byte[] SAMPLE = "whether this key is of that certificate".getBytes(StandardCharsets.US_ASCII);

    /**
     * Reads both files.
     *
     * @param named the user's name for the files, for the error message
     * @throws Refused if they cannot be read or do not belong together
     */
    public static PemFiles read(Path certificates, Path key, String named) {
        List<X509Certificate> chain = chain(certificates, named);
        PemFiles read;
        try {
            read = new PemFiles(chain, key(key, chain.get(0).getPublicKey().getAlgorithm()));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unreadable(named);
        }
        if (!read.belongTogether()) {
            throw new Refused(Problem.INVALID, "The files of " + named + " do not belong together.");
        }
        return read;
    }

    /**
     * Reads the certificates in a file: at least one, each but the last issued by the next.
     *
     * @param named the user's name for the file, for the error message
     * @throws Refused if it cannot be read, or the order is another
     */
    public static List<X509Certificate> chain(Path file, String named) {
        List<X509Certificate> chain;
        try {
            chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(named);
        }
        if (chain.isEmpty()) {
            throw unreadable(named);
        }
        for (int i = 1; i < chain.size(); i++) {
            if (!chain.get(i - 1).getIssuerX500Principal().equals(chain.get(i).getSubjectX500Principal())
                    || chain.indexOf(chain.get(i)) < i) {
                throw new Refused(
                        Problem.INVALID,
                        "The certificates of " + named
                                + " are not in order: the host's own first, after each the one that issued it, and no"
                                + " other.");
            }
        }
        return chain;
    }

    private static Refused unreadable(String named) {
        return new Refused(
                Problem.INVALID,
                "The files of " + named + " cannot be read, by this user and as PEM (the key as PKCS #8).");
    }

    private static PrivateKey key(Path file, String algorithm) throws IOException, GeneralSecurityException {
        String pem = Files.readString(file, StandardCharsets.US_ASCII);
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("not a PKCS #8 key");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    /** Signs with the key and verifies with the certificate. */
    private boolean belongTogether() {
        try {
            PublicKey shown = host().getPublicKey();
            Signature signature = Signature.getInstance(
                    switch (shown.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> shown.getAlgorithm();
                    });
            signature.initSign(key);
            signature.update(SAMPLE);
            byte[] signed = signature.sign();
            signature.initVerify(shown);
            signature.update(SAMPLE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether the last certificate is self-issued, or issued by an authority that this Java trusts. */
    boolean isOfAnAuthority() {
        X500Principal issuer = chain.get(chain.size() - 1).getIssuerX500Principal();
        return chain.get(chain.size() - 1).getSubjectX500Principal().equals(issuer)
                || known().anyMatch(one -> one.getSubjectX500Principal().equals(issuer));
    }

    private static Stream<X509Certificate> known() {
        try {
            TrustManagerFactory all = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            all.init((KeyStore) null);
            return Stream.of(all.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .flatMap(one -> Stream.of(((X509TrustManager) one).getAcceptedIssuers()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform knows authorities", e);
        }
    }

    public X509Certificate host() {
        return chain.get(0);
    }

    /** Omits the key. */
    @Override
    public String toString() {
        return "PemFiles[" + chain.size() + " certificates, REDACTED]";
    }
}

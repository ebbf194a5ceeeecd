package org.patronvault.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** TLS out of two PEM files: a certificate chain and its PKCS #8 key. TLS 1.2 and newer. */
public final class PemKeyStore {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private PemKeyStore() {}

    /**
     * What a server speaks TLS with.
     *
     * @param named how the user named the two files, for the message if they are wrong
     * @throws Refused if they are
     */
    public static SslContextFactory.Server serverContext(WebSettings.Tls tls, String named) {
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(tls.certificates())))
                    .toArray(new Certificate[0]);
            if (chain.length == 0) {
                throw new Refused(Problem.INVALID, "The first file of " + named + " holds no certificate.");
            }
            PrivateKey key = key(
                    Files.readString(tls.key(), StandardCharsets.US_ASCII),
                    chain[0].getPublicKey().getAlgorithm());
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            char[] password = new char[0];
            store.setKeyEntry("tls", key, password, chain);
            SslContextFactory.Server ssl = new SslContextFactory.Server();
            ssl.setKeyStore(store);
            ssl.setKeyStorePassword("");
            ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
            // Of 1.2 those that authenticate what they encrypt; others of the JDK's Jetty leaves out by itself.
            ssl.addExcludeCipherSuites(".*_CBC_.*");
            // To have keys agreed on again costs the caller nothing, and the server a signature.
            ssl.setRenegotiationAllowed(false);
            return ssl;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new Refused(
                    Problem.INVALID, "The files of " + named + " cannot be read as PEM (the key as PKCS #8).");
        }
    }

    private static PrivateKey key(String pem, String algorithm) throws GeneralSecurityException {
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("not a PKCS #8 key");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }
}

package org.patronvault.web;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.patronvault.model.Refused;

/**
 * What a server speaks TLS with, 1.2 and newer: two PEM files, a certificate chain and its PKCS #8 key. When they change,
 * connections from then on are made with the new ones. Safe for use by many threads.
 */
public final class ServerTls {
    private final Path certificates;
    private final Path key;
    private final String named;
    private final List<SslContextFactory.Server> contexts = new ArrayList<>();
    private PemFiles used;
    private volatile Set<String> names;

    /**
     * Reads the files.
     *
     * @param named how the user named them, for the message if they are wrong
     * @throws Refused if they cannot be read or do not belong together
     */
    public ServerTls(Path certificates, Path key, String named) {
        this.certificates = certificates;
        this.key = key;
        this.named = named;
        this.used = PemFiles.read(certificates, key, named);
        this.names = names(used);
    }

    /** What a listener speaks TLS with; it follows the files. */
    public synchronized SslContextFactory.Server context() {
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setKeyStore(store(used));
        ssl.setKeyStorePassword("");
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        // Of 1.2 those that authenticate what they encrypt; others of the JDK's Jetty leaves out by itself.
        ssl.addExcludeCipherSuites(".*_CBC_.*");
        // To have keys agreed on again costs the caller nothing, and the server a signature.
        ssl.setRenegotiationAllowed(false);
        contexts.add(ssl);
        return ssl;
    }

    /**
     * Takes the files if they have changed; whether they have.
     *
     * @throws Refused if they cannot be read or do not belong together; what was used is used on
     */
    public synchronized boolean follow() {
        PemFiles now = PemFiles.read(certificates, key, named);
        if (now.equals(used)) {
            return false;
        }
        KeyStore store = store(now);
        for (SslContextFactory.Server context : contexts) {
            try {
                context.reload(ssl -> ssl.setKeyStore(store));
            } catch (Exception e) {
                throw new IllegalStateException("a listener takes no other certificate", e);
            }
        }
        used = now;
        names = names(now);
        return true;
    }

    /** The file of the certificates. */
    public Path certificates() {
        return certificates;
    }

    /** The file of the key. */
    public Path key() {
        return key;
    }

    /** From when on the certificate that is used is valid. */
    public synchronized Instant begin() {
        return used.host().getNotBefore().toInstant();
    }

    /** When the certificate that is used ends. */
    public synchronized Instant end() {
        return used.host().getNotAfter().toInstant();
    }

    /** Whether the certificates that are used lead to an authority that is theirs, or one that this Java knows. */
    public synchronized boolean isOfAnAuthority() {
        return used.isOfAnAuthority();
    }

    /** The names and addresses in the certificate that is used, in small letters. */
    public Set<String> names() {
        return names;
    }

    private static Set<String> names(PemFiles files) {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> all = files.host().getSubjectAlternativeNames();
            if (all != null) {
                all.forEach(one -> names.add(one.get(1).toString().toLowerCase(Locale.ROOT)));
            }
        } catch (CertificateParsingException e) {
            // Then there are none.
        }
        return Collections.unmodifiableSet(names);
    }

    private static KeyStore store(PemFiles files) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("tls", files.key(), new char[0], files.chain().toArray(Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key cannot be kept", e);
        }
    }
}

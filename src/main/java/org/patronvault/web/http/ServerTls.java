package org.patronvault.web.http;

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
import org.patronvault.core.model.Refused;

/**
 * The TLS settings of a server, TLS 1.2 and newer, from two PEM files: a certificate chain and its PKCS #8 key. After
 * the files change, new connections use the new ones. Thread safe.
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
     * @param named the user's name for the files, for the error message
     * @throws Refused if they cannot be read or do not belong together
     */
    public ServerTls(Path certificates, Path key, String named) {
        this.certificates = certificates;
        this.key = key;
        this.named = named;
        this.used = PemFiles.read(certificates, key, named);
        this.names = names(used);
    }

    /** Returns the TLS context of a listener, which follows the files. */
    public synchronized SslContextFactory.Server context() {
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setKeyStore(store(used));
        ssl.setKeyStorePassword("");
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        // TLS 1.2 keeps authenticated ciphers only. Jetty excludes the JDK's other weak ones.
        ssl.addExcludeCipherSuites(".*_CBC_.*");
        // Renegotiation costs the client nothing, and the server a signature.
        ssl.setRenegotiationAllowed(false);
        contexts.add(ssl);
        return ssl;
    }

    /**
     * Reloads the files if they have changed, and returns whether they had.
     *
     * @throws Refused if they cannot be read or do not belong together, and then the present certificate stays in use
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

    /** The certificate file. */
    public Path certificates() {
        return certificates;
    }

    /** The key file. */
    public Path key() {
        return key;
    }

    /** The start of the certificate's validity. */
    public synchronized Instant begin() {
        return used.host().getNotBefore().toInstant();
    }

    /** The end of the certificate's validity. */
    public synchronized Instant end() {
        return used.host().getNotAfter().toInstant();
    }

    /** Whether the chain ends at a self-issued authority, or one that this Java trusts. */
    public synchronized boolean isOfAnAuthority() {
        return used.isOfAnAuthority();
    }

    /** The names and addresses in the certificate, in lower case. */
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
            // Then the certificate has no names.
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

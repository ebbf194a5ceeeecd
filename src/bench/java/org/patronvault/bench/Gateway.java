package org.patronvault.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.patronvault.testing.OpenSsl;

/** The loaded vault, told to serve SIP2 too; its settings are as they were once it is closed. */
final class Gateway implements AutoCloseable {
    /** As whom kiosks sign in, by the password of everybody. */
    static final String LOGIN = "kiosk";

    private static final String KEY = "gateway";

    private final Path settings;
    private final String before;
    private final Rig.Serving serving;
    private final int port;
    private final SocketFactory sockets;

    private Gateway(Path settings, String before, Rig.Serving serving, int port, SocketFactory sockets) {
        this.settings = settings;
        this.before = before;
        this.serving = serving;
        this.port = port;
        this.sockets = sockets;
    }

    /** Starts it without TLS. */
    static Gateway plain(Rig rig) throws IOException, InterruptedException {
        return start(rig, Optional.empty());
    }

    /** Starts it with TLS, by a certificate of its own that {@code openssl} makes. */
    static Gateway tls(Rig rig) throws IOException, InterruptedException {
        Path directory = Files.createDirectories(rig.scratch("gateway-tls"));
        return start(
                rig,
                Optional.of(OpenSsl.certificate(
                        directory, KEY, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")));
    }

    private static Gateway start(Rig rig, Optional<Path> certificate) throws IOException, InterruptedException {
        Rig.Disk unused = rig.disk(rig.vault());
        Path home = rig.home(rig.vault());
        Path settings = home.resolve("vault.yaml");
        String before = Files.readString(settings);
        int port = Rig.freePort();
        ObjectNode sip2 = Api.object().put("port", port);
        certificate.ifPresent(file -> sip2.put("tlsCert", file.toString())
                .put("tlsKey", file.resolveSibling(KEY + ".key").toString()));
        sip2.putArray("accounts")
                .addObject()
                .put("login", LOGIN)
                .put("passwordFile", rig.vault().passwordFile().toString())
                .put("client", VaultSide.VENDOR)
                .put("service", "ebooks")
                .put("errorDetection", "required");
        Files.writeString(settings, before + "\nsip2: " + sip2 + "\n");
        try {
            SocketFactory sockets = certificate.isPresent() ? trusting(certificate.get()) : SocketFactory.getDefault();
            return new Gateway(settings, before, rig.serve(rig.vault(), home), port, sockets);
        } catch (IOException | InterruptedException | RuntimeException e) {
            Files.writeString(settings, before);
            throw e;
        }
    }

    private static SocketFactory trusting(Path certificate) throws IOException {
        try (InputStream in = Files.newInputStream(certificate)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    KEY, CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** The server. */
    JavaProcess process() {
        return serving.process();
    }

    /** A connection that nobody has signed in on. */
    Socket connect() throws IOException {
        return sockets.createSocket(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    public void close() throws IOException {
        serving.close();
        Files.writeString(settings, before);
    }
}

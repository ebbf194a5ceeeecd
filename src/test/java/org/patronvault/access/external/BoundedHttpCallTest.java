package org.patronvault.access.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.OpenSsl;

final class BoundedHttpCallTest {
    private static final String PASSWORD = "of this test";

    @TempDir
    private Path directory;

    private final BoundedHttpCall call = new BoundedHttpCall();

    @Test
    void certificateOfAnAuthorityThatNobodyKnowsIsNamedAsTheReason() throws IOException, GeneralSecurityException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certified()));
        server.start();
        try {
            URI url = URI.create("https://localhost:" + server.getAddress().getPort());
            assertThatThrownBy(() -> send(url)).isInstanceOf(IOException.class).hasMessageContaining("no authority");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void addressAtWhichNobodyListensCannotBeReached() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        assertThatThrownBy(() -> send(URI.create("http://localhost:" + port))).hasMessage("it cannot be reached");
    }

    @Test
    void endlessAnswerIsReadToTheMostAndNoFurther() throws IOException, InterruptedException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (true) {
                    exchange.getResponseBody().write(new byte[1_024]);
                }
            } catch (IOException e) {
                exchange.close();
            }
        });
        server.start();
        try {
            assertThat(send(URI.create("http://localhost:" + server.getAddress().getPort())))
                    .hasSize(16);
        } finally {
            server.stop(0);
        }
    }

    private byte[] send(URI url) throws IOException, InterruptedException {
        return call.send(HttpRequest.newBuilder(url).build(), Duration.ofSeconds(20), 16)
                .body();
    }

    private SSLContext certified() throws IOException, GeneralSecurityException {
        OpenSsl.certificate(directory, "localhost", "-newkey", "rsa:2048", "-addext", "subjectAltName=DNS:localhost");
        assertThat(OpenSsl.run(
                        directory,
                        "pkcs12",
                        "-export",
                        "-in",
                        "localhost.pem",
                        "-inkey",
                        "localhost.key",
                        "-out",
                        "both.p12",
                        "-passout",
                        "pass:" + PASSWORD))
                .isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("both.p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}

package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.LongRun;

/** A person who guesses passwords locks nobody else out. */
final class LockOutIT {
    private static final String WRONG = "not the password of anyone";
    private static final int SOURCES = 70;
    private static final int THREADS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final HttpClient http = HttpClient.newHttpClient();

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    /** The status of a try to sign in that comes from that address of this machine. */
    private int signIn(String address, String user, String password) throws IOException {
        URI server = URI.create(vault.address());
        String body = RunningVault.credentials(user, password).toString();
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(address, 0));
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
            String request = "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }

    @Test
    void guessesFromOneAddressLockNeitherAnotherNorTheCommandLine() throws IOException {
        vault.start();
        for (int i = 0; i < 5; i++) {
            assertThat(signIn("127.0.0.9", "dir", WRONG)).isEqualTo(401);
        }
        assertThat(signIn("127.0.0.9", "dir", RunningVault.PASSWORD)).isEqualTo(429);
        assertThat(signIn("127.0.0.1", "dir", RunningVault.PASSWORD)).isEqualTo(201);
        for (int i = 0; i < 5; i++) {
            assertThat(signIn("127.0.0.1", "dir", WRONG)).isEqualTo(401);
        }
        assertThat(signIn("127.0.0.1", "dir", RunningVault.PASSWORD)).isEqualTo(429);
        assertThat(vault.as("dir", "staff", "sessions", "dir").exit())
                .as("over the socket")
                .isZero();
        assertThat(vault.as("admin", "staff", "unlock", "dir").exit()).isZero();
        assertThat(signIn("127.0.0.1", "dir", RunningVault.PASSWORD)).isEqualTo(201);
        assertThat(signIn("127.0.0.9", "dir", RunningVault.PASSWORD)).isEqualTo(201);
        for (int i = 0; i < 5; i++) {
            assertThat(signIn("127.0.0.1", "dir", WRONG)).isEqualTo(401);
        }
        vault.stop();
        assertThat(vault.as("dir", "staff", "sessions", "dir").exit())
                .as("in process")
                .isZero();
    }

    @Test
    @Tag(LongRun.TAG)
    void passphraseFromAQuietNetworkOpensTheVaultUnderAFloodOfWrongOnes() throws Exception {
        Path settings = vault.home().resolve("vault.yaml");
        Files.writeString(settings, "\nhttp: {proxies: [127.0.0.1]}\n", StandardOpenOption.APPEND);
        vault.startSealed();
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int i = 0; i < THREADS; i++) {
                threads.execute(() -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        String source = "10.0." + sent.incrementAndGet() % SOURCES + ".1";
                        wrong.addAndGet(offer(source, WRONG) == 422 ? 1 : 0);
                    }
                });
            }
            vault.server().awaitUntil("nobody tries a passphrase", () -> wrong.get() >= THREADS);
            assertThat(vault.call("GET", "/health/live").status()).isEqualTo(200);
            assertThat(offer("192.0.2.1", RunningVault.PASSPHRASE)).isEqualTo(200);
        } finally {
            threads.shutdownNow();
        }
        assertThat(vault.call("GET", "/health/ready").status()).isEqualTo(200);
    }

    /** The status of a try to unseal that comes from that network, as the proxy tells it. */
    private int offer(String source, String passphrase) {
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("passphrase", passphrase)
                .toString();
        HttpRequest request = HttpRequest.newBuilder(URI.create(vault.address()).resolve("/v1/unseal"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-Forwarded-For", source)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}

package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.log.witness.Witness;

/** Tests of a witness with many clients that send nothing. */
final class WitnessServerTest {
    private static final int MORE_THAN_THREADS = 40;
    private static final String KEY = "vault.example.org/log+79999b77+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

    @TempDir
    private Path directory;

    private Witness witness;
    private WitnessServer server;

    @BeforeEach
    void start() {
        witness = Witness.open(directory, Optional.of("witness.example.net/w1"), Optional.of(KEY), Clock.systemUTC());
        server = WitnessServer.start(witness, "127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        server.close();
        witness.close();
    }

    private HttpResponse<String> get() throws IOException, InterruptedException {
        return get("/");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + server.port() + path);
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(10)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void moreBodiesThanThreadsThatDoNotComeKeepNobodyFromAnAnswer() throws IOException, InterruptedException {
        byte[] begun = "POST /add-checkpoint HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nold 1"
                .getBytes(StandardCharsets.US_ASCII);
        List<Socket> silent = new ArrayList<>();
        try {
            for (int n = 0; n < MORE_THAN_THREADS; n++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                socket.getOutputStream().write(begun);
                silent.add(socket);
            }
            assertThat(get().body()).startsWith("witness.example.net/w1+");
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
        assertThat(get().statusCode()).isEqualTo(200);
    }

    @Test
    void addressThatIsNothingIsNotRepeatedAndEachAnswerSaysThatItIsNoPage() throws IOException, InterruptedException {
        HttpResponse<String> nothing = get("/somewhere");
        assertThat(nothing.statusCode()).isEqualTo(404);
        assertThat(nothing.body()).doesNotContain("somewhere");
        assertThat(get("/add-checkpoint").body()).doesNotContain("add-checkpoint");
        for (HttpResponse<String> answer : List.of(nothing, get(), get("/other/checkpoint"))) {
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.headers().firstValue("Content-Security-Policy"))
                    .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'"));
        }
    }

    @Test
    void longerBodyThanAnyCheckpointIsRefused() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/add-checkpoint"))
                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(Witness.MAX_BYTES + 1)))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(413);
    }
}

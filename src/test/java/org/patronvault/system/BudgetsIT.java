package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.testing.LongRun;

/** What is too much is refused before it is there, by a server with the least heap, and others are answered meanwhile. */
@Tag(LongRun.TAG)
final class BudgetsIT {
    private static final long GIGABYTE = 1L << 30;

    /** What lies in the buffers of two sockets, and not in the vault. */
    private static final long BUFFERED = 16L << 20;

    private static final int AT_ONCE = 4;
    private static final int MORE_THAN_THREADS = 72;
    private static final int MANY = 1_200;

    /** Bytes of one answer; what lies in the buffers of a connection nobody reads needs no thread. */
    private static final int MORE_THAN_BUFFERS = 512 * 1_024;

    /** Of eight for everybody (Streams). */
    private static final int MOST_FILES_OF_ONE = 2;

    /** Two are computed and sixteen wait (Passwords). */
    private static final int MORE_THAN_MAY_SIGN_IN = 48;

    private static final int MANY_ENTRIES = 200;
    private static final String ENTRIES = "/v1/log/entries?from=0";
    private static final int PATIENCE_MILLIS = 20_000;
    private static final String SEARCH = "/v1/patrons/search";

    private static RunningVault vault;
    private static String clerk;

    /** What comes of half a body, which takes half a minute and no work. */
    private static CompletableFuture<String> waiting;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().withoutLimits().start("-Xmx256m");
        clerk = vault.signIn("clerk");
        waiting = CompletableFuture.supplyAsync(BudgetsIT::halfABody);
    }

    @AfterAll
    static void stop() {
        String unused = waiting.join();
        vault.close();
    }

    /** A body without a length. */
    private record Sent(long bytes, String answer) {}

    private static Sent chunked(String head, long most) {
        long sent = 0;
        try (Socket socket = connected(vault)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write((head + "Host: localhost\r\nAuthorization: Bearer " + clerk
                            + "\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] piece = new byte[64 * 1024];
            Arrays.fill(piece, (byte) ' ');
            try {
                while (sent < most) {
                    out.write((Integer.toHexString(piece.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    out.write(piece);
                    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                    sent += piece.length;
                }
            } catch (IOException heardEnough) {
                // It has closed.
            }
            return new Sent(sent, answer(socket));
        } catch (IOException e) {
            return new Sent(sent, "");
        }
    }

    private static String answer(Socket socket) {
        try {
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        } catch (IOException reset) {
            return "";
        }
    }

    @Test
    void gigabyteInChunksIsRefusedAfterLittleOfItWhileOthersAreAnswered() {
        for (String head : List.of(
                "POST " + SEARCH + " HTTP/1.1\r\nContent-Type: application/json\r\n",
                "POST /v1/sessions HTTP/1.1\r\nContent-Type: application/json\r\n",
                "POST /sign-in HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                "POST /nothing HTTP/1.1\r\n",
                "GET /health/live HTTP/1.1\r\n")) {
            List<CompletableFuture<Sent>> all = new ArrayList<>();
            for (int n = 0; n < AT_ONCE; n++) {
                all.add(CompletableFuture.supplyAsync(() -> chunked(head, GIGABYTE)));
            }
            assertThat(search(SamplePatron.card(1)).status()).isEqualTo(200);
            assertThat(all).allSatisfy(one -> {
                Sent sent = one.join();
                assertThat(sent.bytes()).as(head).isLessThan(BUFFERED);
                assertThat(sent.answer()).as(head).doesNotContain("HTTP/1.1 5");
            });
        }
        assertThat(vault.server().isAlive()).isTrue();
    }

    private static Answer search(String q) {
        return post("{\"q\":\"" + q + "\",\"purpose\":\"account-service\"}", Map.of());
    }

    private static Answer post(String body, Map<String, String> headers) {
        return vault.send("POST", SEARCH, clerk, body, headers);
    }

    @Test
    void bodyThatIsPackedIsNotUnpacked() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("{\"purpose\":\"account-service\",\"q\":\"a\"".getBytes(StandardCharsets.US_ASCII));
            byte[] blanks = new byte[1 << 20];
            Arrays.fill(blanks, (byte) ' ');
            for (int n = 0; n < 40; n++) {
                gzip.write(blanks);
            }
            gzip.write('}');
        }
        assertThat(packed.size()).isLessThan(64 * 1024);
        for (String encoding : List.of("gzip", "deflate", "br", "gzip, gzip")) {
            for (String path : List.of(SEARCH, "/v1/sessions", "/find")) {
                try (RawHttp http = new RawHttp(vault.address())) {
                    ByteArrayOutputStream request = new ByteArrayOutputStream();
                    request.write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + clerk
                                    + "\r\nContent-Type: application/json\r\nContent-Encoding: " + encoding
                                    + "\r\nContent-Length: " + packed.size() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    request.write(packed.toByteArray());
                    Optional<RawHttp.Reply> reply = http.exchange(request.toByteArray(), false, PATIENCE_MILLIS);
                    assertThat(reply.orElseThrow().status())
                            .as("%s, %s", path, encoding)
                            .isBetween(400, 499);
                }
            }
        }
    }

    @Test
    void bodyOfWhichNothingComesForHalfAMinuteIsRefused() {
        String[] answer = waiting.join().split("\\|", 2);
        assertThat(answer[0]).isEqualTo("HTTP/1.1 400");
        assertThat(Long.parseLong(answer[1])).isBetween(28_000L, 45_000L);
    }

    /** The status of the answer and after how many milliseconds it came, from a server that no crowd is at. */
    private static String halfABody() {
        try (RunningVault quiet = RunningVault.create().start();
                Socket socket = connected(quiet)) {
            socket.setSoTimeout(60_000);
            long began = System.nanoTime();
            String head =
                    "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n";
            socket.getOutputStream().write((head + "{\"user\":").getBytes(StandardCharsets.US_ASCII));
            return answer(socket) + "|" + (System.nanoTime() - began) / 1_000_000;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket connected(RunningVault to) throws IOException {
        URI address = URI.create(to.address());
        return new Socket(address.getHost(), address.getPort());
    }

    @Test
    void whoDoesNotReadFilesOfTheLogLeavesThreadsToOthers() throws IOException {
        String officer = vault.signIn("officer");
        String director = vault.signIn("dir");
        while (logAsFile(officer).response().body().length < MORE_THAN_BUFFERS) {
            for (int n = 0; n < MANY_ENTRIES; n++) {
                assertThat(search(SamplePatron.card(1)).status()).isEqualTo(200);
            }
        }
        List<Silent> silent = new ArrayList<>();
        try {
            silent.add(holdFilesOfTheLog(officer));
            requireBusy(officer);
            assertThat(logAsFile(director).status()).as("another's").isEqualTo(200);

            for (String name : List.of("second", "third", "fourth")) {
                vault.json("admin", "staff", "add", name, "--role", "privacy-officer", "--new-password-file", "../pw");
                silent.add(holdFilesOfTheLog(vault.signIn(name)));
            }
            requireBusy(director);
            assertThat(search(SamplePatron.card(1)).status()).isEqualTo(200);
        } finally {
            for (Silent one : silent) {
                one.close();
            }
        }
        vault.server()
                .awaitUntil(
                        "there is never room again", () -> logAsFile(director).status() == 200);
        assertThat(vault.server().printed()).doesNotContain("cannot happen");
    }

    /** Each has begun, and nobody reads more of it. */
    private static Silent holdFilesOfTheLog(String token) throws IOException {
        Silent silent = Silent.ask(
                MOST_FILES_OF_ONE,
                "POST /v1/log/search HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
                        + "\r\nAccept: text/csv\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        assertThat(silent.sockets())
                .allSatisfy(socket -> assertThat(answer(socket)).isEqualTo("HTTP/1.1 200"));
        return silent;
    }

    private static void requireBusy(String token) {
        Answer refused = logAsFile(token);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.refusal()).isEqualTo("503 busy");
        assertThat(refused.header("Retry-After")).isEqualTo("5");
    }

    private static Answer logAsFile(String officer) {
        return vault.send("POST", "/v1/log/search", officer, "{}", Map.of("Accept", "text/csv"));
    }

    @Test
    void depthLengthAndHeadersHaveTheirBounds() {
        assertThat(post("{\"a\":" + "[".repeat(19) + "]".repeat(19) + "}", Map.of())
                        .refusal())
                .isEqualTo("422 purpose-required");
        assertThat(post("{\"a\":" + "[".repeat(20) + "]".repeat(20) + "}", Map.of())
                        .refusal())
                .isEqualTo("400 malformed");
        assertThat(post("[".repeat(30_000), Map.of()).refusal()).isEqualTo("400 malformed");
        assertThat(search("x".repeat(4_096)).refusal()).isEqualTo("422 invalid");
        assertThat(search("x".repeat(4_097)).refusal()).isEqualTo("400 malformed");
        String whole = "{\"purpose\":\"account-service\",\"q\":\"a\"}";
        assertThat(post(whole + " ".repeat(64 * 1024 - whole.length()), Map.of())
                        .status())
                .isEqualTo(200);
        assertThat(post(whole + " ".repeat(64 * 1024 + 1 - whole.length()), Map.of())
                        .refusal())
                .isEqualTo("413 body-too-large");
        assertThat(post("{\"q\":\"a\"," + whole.substring(1), Map.of()).refusal())
                .isEqualTo("400 malformed");
        assertThat(search("x".repeat(64 * 1024)).refusal()).isEqualTo("413 body-too-large");
        assertThat(vault.send("GET", "/health/live", "", null, Map.of("X-Long", "x".repeat(8_200)))
                        .status())
                .isEqualTo(431);
        assertThat(vault.send("GET", "/health/live", "", null, Map.of("X-Long", "x".repeat(7_000)))
                        .status())
                .isEqualTo(200);
    }

    /** Connections of callers who ask and do not read. */
    private record Silent(List<Socket> sockets) implements AutoCloseable {
        private static Silent ask(int many, String request) throws IOException {
            URI address = URI.create(vault.address());
            Silent silent = new Silent(new ArrayList<>());
            for (int n = 0; n < many; n++) {
                Socket socket = new Socket();
                silent.sockets.add(socket);
                socket.setReceiveBufferSize(4_096);
                socket.connect(new InetSocketAddress(address.getHost(), address.getPort()));
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            }
            return silent;
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static String get(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/openapi.json", "/static/htmx.min.js"})
    void whoDoesNotReadTheLongestAnswersKeepsNobodyFromTheirs(String path) throws IOException {
        try (Silent silent = Silent.ask(MORE_THAN_THREADS, get(path, "").repeat(120))) {
            assertThat(silent.sockets()).hasSize(MORE_THAN_THREADS);
            for (int n = 0; n < 20; n++) {
                long began = System.nanoTime();
                assertThat(vault.call("GET", "/health/live").status()).isEqualTo(200);
                assertThat(System.nanoTime() - began).isLessThan(10_000_000_000L);
            }
        }
        requireLong(vault.call("GET", path));
        assertThat(vault.server().printed()).doesNotContain("cannot happen");
    }

    private static void requireLong(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.response().body()).hasSizeGreaterThan(32 * 1024);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/openapi.json", "/static/htmx.min.js"})
    void manyWhoDoNotReadWhatIsTheSameForEverybodyTakeNothingFromAnybody(String path) throws IOException {
        String officer = signInAfterManySearches();
        try (Silent silent = Silent.ask(MANY, get(path, ""))) {
            assertThat(silent.sockets()).hasSize(MANY);
            requireLong(vault.call("GET", path));
            requireLong(vault.call("GET", ENTRIES, officer));
        }
        assertThat(vault.server().printed()).doesNotContain("cannot happen");
    }

    /** Of the officer, for whom the list of entries is long then. */
    private static String signInAfterManySearches() {
        String officer = vault.signIn("officer");
        while (vault.call("GET", ENTRIES, officer).json().path("entries").size() < MANY_ENTRIES) {
            assertThat(search(SamplePatron.card(1)).status()).isEqualTo(200);
        }
        return officer;
    }

    @Test
    void moreWhoDoNotReadThanTheHeapHasRoomForEndNothing() throws IOException {
        String officer = signInAfterManySearches();
        requireLong(vault.call("GET", ENTRIES, officer));
        try (Silent silent = Silent.ask(MANY, get(ENTRIES, "Authorization: Bearer " + officer + "\r\n"))) {
            assertThat(silent.sockets()).hasSize(MANY);
            vault.server()
                    .awaitUntil(
                            "too much waits",
                            () -> vault.call("GET", ENTRIES, officer).refusal().equals("503 busy"));
            assertThat(search(SamplePatron.card(1)).status()).isEqualTo(200);
            requireLong(vault.call("GET", "/openapi.json"));
        }
        vault.server()
                .awaitUntil(
                        "it is never there again",
                        () -> vault.call("GET", ENTRIES, officer).status() == 200);
        assertThat(vault.server().printed()).doesNotContain("cannot happen");
    }

    @Test
    void moreWhoSignInThanMayWaitAreToldToComeAgainAndOthersAreAnsweredMeanwhile() {
        ExecutorService people = Executors.newFixedThreadPool(MORE_THAN_MAY_SIGN_IN);
        try {
            List<CompletableFuture<Answer>> all = new ArrayList<>();
            for (int n = 0; n < MORE_THAN_MAY_SIGN_IN; n++) {
                // Every other is nobody, and another nobody each time, so that nobody is locked.
                String name = n % 2 == 0 ? "clerk" : "nobody" + n;
                all.add(CompletableFuture.supplyAsync(
                        () -> vault.call(
                                "POST", "/v1/sessions", "", RunningVault.credentials(name, RunningVault.PASSWORD)),
                        people));
            }
            assertThat(search(SamplePatron.card(1)).status()).isEqualTo(200);
            assertThat(vault.call("GET", "/health/live").status()).isEqualTo(200);
            assertThat(all).as("sign-ins, of which some are under way").anyMatch(one -> !one.isDone());
            List<Answer> answers = all.stream().map(CompletableFuture::join).toList();
            assertThat(answers).extracting(Answer::status).contains(201, 401).containsOnly(201, 401, 503);
            assertThat(answers).extracting(Answer::refusal).contains("503 busy");
            assertThat(answers)
                    .filteredOn(answer -> answer.status() == 503)
                    .allSatisfy(
                            answer -> assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*"));
        } finally {
            people.shutdown();
        }
    }
}

package org.patronvault.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.Skips;

final class WrkTest {
    private static final List<String> CARDS =
            IntStream.range(10, 30).mapToObj(Integer::toString).toList();
    private static final String TAIL = "\"}";
    private static final String RIGHT = "{\"match\":\"exact\"}";

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private volatile int status = 200;
    private volatile String answer = RIGHT;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        Skips.unless(isInstalled(), "wrk is not installed");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    private static boolean isInstalled() {
        try {
            return Wrk.version().startsWith("wrk");
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Wrk wrk(List<String> cards) throws IOException {
        String request = new String(
                HttpConnection.request("POST", "/", "a \"token\"", "{\"card\":\"" + cards.get(0) + TAIL),
                StandardCharsets.UTF_8);
        String head = request.substring(
                0, request.length() - TAIL.length() - cards.get(0).length());
        return new Wrk(directory.resolve("test.lua"), server.getAddress().getPort(), head, cards, TAIL, RIGHT);
    }

    @Test
    void everyAnswerIsCountedAndOfACard() throws Exception {
        ClosedLoop.Result seen = wrk(CARDS).closed(4, 1, 1);

        // Each connection may have had one more under way when time was up, which does not count.
        assertThat(asked.size() - seen.answers()).isBetween(0L, 4L);
        assertThat(seen.seconds()).isBetween(0.9, 10.0);
        assertThat(seen.rate()).isEqualTo(seen.answers() / seen.seconds());
        assertThat(seen.p99Millis()).isBetween(0.001, 10_000.0);
        assertThat(CARDS.stream().map(card -> "{\"card\":\"" + card + TAIL)).containsAll(asked);
    }

    @Test
    void eachStreamAsksInAnOrderOfItsOwn() throws Exception {
        List<List<String>> orders = new ArrayList<>();
        for (int stream : new int[] {1, 1, 2}) {
            asked.clear();
            ClosedLoop.Result unused = wrk(CARDS).closed(1, 1, stream);
            orders.add(List.copyOf(asked));
        }

        // The last request of the run before may come after that run.
        List<String> first = orders.get(0).subList(0, 10);
        assertThat(orders.get(1)).containsSequence(first);
        assertThat(orders.get(2)).doesNotContainSequence(first);
    }

    @Test
    void answerWithAnotherStatusEndsTheRun() {
        status = 503;
        assertThatThrownBy(() -> wrk(CARDS).closed(1, 1, 1)).isInstanceOf(IllegalStateException.class);
        status = 202;
        assertThatThrownBy(() -> wrk(CARDS).closed(1, 1, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void answerWithoutThePatronEndsTheRun() {
        answer = "{\"results\":[]}";
        assertThatThrownBy(() -> wrk(CARDS).closed(1, 1, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void serverThatIsGoneEndsTheRun() {
        server.stop(0);
        assertThatThrownBy(() -> wrk(CARDS).closed(1, 1, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void cardsOfSeveralLengthsAreRefused() {
        assertThatThrownBy(() -> wrk(List.of("1", "22"))).isInstanceOf(IllegalArgumentException.class);
    }
}

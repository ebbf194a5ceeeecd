package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that only connections without a whole request are ended. */
@Execution(ExecutionMode.CONCURRENT)
final class SlowClientGuardTest {
    private static final Duration USUAL = Duration.ofSeconds(1);
    private static final Duration HURRIED = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int CROWD = 4;
    private static final int MOST = 12;
    private static final int PIECES = 30;
    private static final int LARGE = 16 << 20;
    private static final byte[] WHOLE = bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    private final Server server = new Server();
    private ServerConnector connector;

    /** A handler that answers in pieces, for over twice the time that a request may take. */
    private static final class SlowAnswers extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            switch (request.getHttpURI().getPath()) {
                case "/nobody" -> {
                    return false;
                }
                case "/broken" -> throw new IOException();
                case "/large" -> response.write(true, ByteBuffer.allocate(LARGE), callback);
                default -> answer(request, response, callback);
            }
            return true;
        }

        private static void answer(Request request, Response response, Callback callback) throws IOException {
            int pieces = request.getHttpURI().getPath().equals("/long") ? PIECES : 1;
            for (int n = 0; n < pieces; n++) {
                Content.Sink.write(response, false, "piece", Callback.NOOP);
                if (pieces > 1) {
                    LockSupport.parkNanos(USUAL.toNanos() * 2 / PIECES);
                }
            }
            response.write(true, null, callback);
        }
    }

    @BeforeEach
    void start() throws Exception {
        start(new SlowClientGuard(USUAL, HURRIED));
    }

    private void start(SlowClientGuard patience) throws Exception {
        patience.setHandler(new SlowAnswers());
        server.setHandler(new BodyBuffering(1_000, patience::arrived, patience));
        connector = new ServerConnector(server);
        connector.addBean(patience, false);
        patience.keepRoom(connector, MOST, CROWD);
        server.setConnectors(new Connector[] {connector});
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private Socket connected() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
        socket.setSoTimeout((int) LONG.toMillis());
        return socket;
    }

    /** How long it takes until the other end closes, while a byte is sent every now and then. */
    private Duration dripped(String begin) throws IOException {
        return dripped(begin, "a");
    }

    private Duration dripped(String begin, String drop) throws IOException {
        long began = System.nanoTime();
        try (Socket socket = connected()) {
            return dripped(socket, began, begin, drop);
        }
    }

    private static Duration dripped(Socket socket, long began, String begin, String drop) throws IOException {
        socket.getOutputStream().write(bytes(begin));
        socket.setSoTimeout((int) HURRIED.toMillis() / 2);
        while (System.nanoTime() - began < LONG.toNanos()) {
            try {
                socket.getOutputStream().write(bytes(drop));
                if (socket.getInputStream().read() < 0) {
                    return Duration.ofNanos(System.nanoTime() - began);
                }
            } catch (java.net.SocketTimeoutException e) {
                // Nothing yet.
            } catch (SocketException e) {
                return Duration.ofNanos(System.nanoTime() - began);
            }
        }
        return LONG;
    }

    private Socket asksForMuchAndReadsItsBeginning() throws IOException {
        Socket socket = new Socket();
        // Far less than requested, and enough to read that quickly: after 30 s Jetty itself ends slow readers.
        socket.setReceiveBufferSize(1 << 16);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()));
        socket.setSoTimeout((int) LONG.toMillis());
        socket.getOutputStream().write(bytes("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        // Answered, and not one of a crowd that is waited for.
        assertThat(socket.getInputStream().read()).isPositive();
        return socket;
    }

    private static int readToTheEnd(Socket socket) throws IOException {
        int all = 0;
        byte[] some = new byte[1 << 16];
        try {
            for (int read = 0; read >= 0; read = socket.getInputStream().read(some)) {
                all += read;
            }
        } catch (SocketException e) {
            // Reset, as what is closed with something unread is.
        }
        return all;
    }

    @Test
    void answerThatNobodyReadsIsBrokenOffOnlyWhereThereIsNoRoom() throws IOException {
        List<Socket> readers = new ArrayList<>();
        for (int n = 0; n < MOST; n++) {
            readers.add(asksForMuchAndReadsItsBeginning());
        }
        LockSupport.parkNanos(HURRIED.toNanos() * 6);
        try (Socket another = connected()) {
            another.getOutputStream().write(WHOLE);
            assertThat(another.getInputStream().read()).isPositive();
            int brokenOff = 0;
            for (Socket reader : readers) {
                brokenOff += readToTheEnd(reader) < LARGE ? 1 : 0;
            }
            assertThat(brokenOff).isEqualTo(1);
        } finally {
            for (Socket reader : readers) {
                reader.close();
            }
        }
    }

    @Test
    void headThatNeverEndsIsNotWaitedForLong() throws IOException {
        assertThat(dripped("GET / HTTP/1.1\r\nHost: ")).isBetween(USUAL, LONG.dividedBy(2));
    }

    @Test
    void bodyThatNeverEndsIsNotWaitedForLong() throws IOException {
        String begin = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n";
        assertThat(dripped(begin)).isBetween(USUAL, LONG.dividedBy(2));
    }

    @Test
    void bodyOfWhichNearlyAllIsHereIsNotWaitedForLongEither() throws IOException {
        String begin = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + "b".repeat(960);
        assertThat(dripped(begin)).isBetween(USUAL, LONG.dividedBy(2));
    }

    @Test
    void bodyInVerySmallPiecesIsNotWaitedForLongEither() throws IOException {
        String piece = "1\r\na\r\n";
        String begin = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + piece.repeat(500);
        assertThat(dripped(begin, piece)).isBetween(USUAL, LONG.dividedBy(2));
    }

    @Test
    void secondRequestThatNeverEndsIsNotWaitedForEither() throws IOException {
        String begin = new String(WHOLE, StandardCharsets.US_ASCII) + "GET / HTT";
        assertThat(dripped(begin)).isBetween(USUAL, LONG.dividedBy(2));
    }

    /**
     * Jetty itself answers unhandled and failed requests. Such an answer does not end the wait for the next request.
     */
    @ParameterizedTest
    @ValueSource(strings = {"/nobody", "/broken", "*"})
    void requestAfterOneThatNobodyAnsweredIsNotWaitedForLongEither(String path) throws IOException {
        assertThat(dripped("OPTIONS " + path + " HTTP/1.1\r\nHost: a\r\n\r\nGET / HTT"))
                .isLessThan(LONG.dividedBy(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /nobody", "OPTIONS /nobody", "OPTIONS /broken"})
    void whoWasAnsweredByNobodyMayAskAgain(String line) throws IOException {
        try (Socket socket = connected()) {
            socket.getOutputStream().write(bytes(line + " HTTP/1.1\r\nHost: a\r\n\r\n"));
            socket.getOutputStream().write(WHOLE);
            readTo(socket, "200 OK");
        }
    }

    @Test
    void whereManyAreWaitedForEachIsWaitedForLess() throws Exception {
        server.stop();
        start(new SlowClientGuard(LONG, HURRIED));
        Socket[] crowd = new Socket[CROWD];
        try {
            for (int n = 0; n < CROWD; n++) {
                crowd[n] = connected();
            }
            assertThat(dripped("GET ")).isLessThan(LONG.dividedBy(2));
        } finally {
            for (Socket one : crowd) {
                one.close();
            }
        }
    }

    @Test
    void whoAsksIsAnsweredHoweverManyOthersAreThereWhoDoNot() throws Exception {
        server.stop();
        start(new SlowClientGuard(LONG, LONG));
        List<Socket> crowd = new ArrayList<>();
        try {
            for (int n = 0; n < 3 * MOST; n++) {
                crowd.add(connected());
                try (Socket socket = connected()) {
                    socket.getOutputStream().write(WHOLE);
                    assertThat(socket.getInputStream().read()).isEqualTo('H');
                }
            }
            assertThat(crowd.get(0).getInputStream().read())
                    .as("the first of them")
                    .isNegative();
        } finally {
            for (Socket one : crowd) {
                one.close();
            }
        }
    }

    @Test
    void answerMayTakeLongerThanARequestMay() throws IOException {
        try (Socket socket = connected()) {
            socket.getOutputStream().write(bytes("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(all.split("piece", -1)).hasSize(PIECES + 1);
        }
    }

    @Test
    void whoWasAnsweredBeforeIsNotEndedForThoseWhoNeverAsk() throws Exception {
        server.stop();
        start(new SlowClientGuard(LONG, LONG));
        List<Socket> crowd = new ArrayList<>();
        try (Socket desk = connected()) {
            ask(desk);
            for (int n = 0; n < 3 * MOST; n++) {
                crowd.add(connected());
            }
            assertThat(crowd.get(0).getInputStream().read())
                    .as("the first of them")
                    .isNegative();
            ask(desk);
        } finally {
            for (Socket one : crowd) {
                one.close();
            }
        }
    }

    private static void ask(Socket socket) throws IOException {
        socket.getOutputStream().write(WHOLE);
        readTo(socket, "0\r\n\r\n");
    }

    private static void readTo(Socket socket, String end) throws IOException {
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf(end) < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("the connection is ended").isNotNegative();
            answer.append((char) next);
        }
    }

    @Test
    void connectionThatKeepsAskingIsKept() throws Exception {
        Duration patience = USUAL.multipliedBy(3);
        server.stop();
        start(new SlowClientGuard(patience, patience));
        try (Socket socket = connected()) {
            long end = System.nanoTime() + patience.toNanos() * 4 / 3;
            while (System.nanoTime() < end) {
                ask(socket);
                LockSupport.parkNanos(patience.toNanos() / 100);
            }
        }
    }
}

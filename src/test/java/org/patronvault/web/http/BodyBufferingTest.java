package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.web.PlainErrors;

/** Tests of bodies that arrive in pieces, in part, or too long. */
final class BodyBufferingTest {
    private static final int MOST = 1_000;
    private static final int MOST_TOGETHER = 2_500;
    private static final int PATIENCE_SECONDS = 20;

    private final Server server = new Server();
    private final BlockingQueue<String> handedOn = new LinkedBlockingQueue<>();

    /** A held permit delays the other answers. */
    private final Semaphore answering = new Semaphore(1);

    private final List<Socket> held = new ArrayList<>();

    /** Whether what has arrived is carried out. */
    private final AtomicBoolean here = new AtomicBoolean(true);

    private ServerConnector connector;

    /** A handler that reads as a blocking reader does, and reports what it read. */
    private final class Reader extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            String end = "";
            try {
                Content.Source.asInputStream(request).transferTo(read);
            } catch (IOException e) {
                end = "!";
            }
            handedOn.add(read.toString(StandardCharsets.US_ASCII) + end);
            answering.acquire();
            answering.release();
            response.write(true, null, callback);
            return true;
        }
    }

    @BeforeEach
    void start() throws Exception {
        server.setHandler(new BodyBuffering(MOST, MOST_TOGETHER, request -> here.get(), new Reader()));
        server.setErrorHandler(new PlainErrors(new SecurityHeaders(false)));
        connector = new ServerConnector(server);
        server.addConnector(connector);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : held) {
            socket.close();
        }
        server.stop();
    }

    private Socket sent(String text) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
        socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
        send(socket, text);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String announcing(int length) {
        return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private String handedOn() throws InterruptedException {
        return handedOn.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static String answer(Socket socket) throws IOException {
        byte[] some = new byte[1_000];
        int length = socket.getInputStream().read(some);
        return length < 0 ? "" : new String(some, 0, length, StandardCharsets.US_ASCII);
    }

    @Test
    void requestWithoutABodyIsHandedOnAtOnce() throws Exception {
        try (Socket socket = sent("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
            assertThat(handedOn()).isEmpty();
        }
    }

    @Test
    void bodyIsHandedOnOnceAllOfItIsHereAndTheNextRequestToo() throws Exception {
        try (Socket socket = sent(announcing(4) + "ab")) {
            assertThat(handedOn.poll(100, TimeUnit.MILLISECONDS)).isNull();
            send(socket, "cd" + announcing(2) + "ef");
            assertThat(handedOn()).isEqualTo("abcd");
            assertThat(handedOn()).isEqualTo("ef");
        }
    }

    @Test
    void bodyIsOverwrittenOnceItsRequestIsAnswered() throws Exception {
        BlockingQueue<ByteBuffer> kept = new LinkedBlockingQueue<>();
        server.stop();
        server.setHandler(new BodyBuffering(MOST, MOST_TOGETHER, request -> true, new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                kept.add(request.read().getByteBuffer().duplicate());
                response.write(true, null, callback);
                return true;
            }
        }));
        server.start();
        try (Socket socket = sent(announcing(6) + "secret")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
            // The next request is read once nothing of the one before is left to do.
            send(socket, announcing(5) + "other");
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
        ByteBuffer first = kept.take();
        assertThat(first.remaining()).isEqualTo(6);
        while (first.hasRemaining()) {
            assertThat(first.get()).isZero();
        }
    }

    @Test
    void piecesAreOneBody() throws Exception {
        try (Socket socket = sent("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\na\r\n".repeat(MOST) + "0\r\n\r\n")) {
            assertThat(handedOn()).isEqualTo("a".repeat(MOST));
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void longerBodyIsHandedOnAsFarAsItMayComeAndNobodyWaitsForTheRest() throws Exception {
        try (Socket socket = sent(announcing(MOST * 1_000) + "a".repeat(MOST + 10))) {
            assertThat(handedOn()).isEqualTo("a".repeat(MOST + 1));
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
            // Nor is the rest of it another request.
            try {
                send(socket, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            } catch (IOException e) {
                // It is closed already.
            }
            assertThat(handedOn.poll(300, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void bodyThatIsBrokenOffIsNotHandedOn() throws Exception {
        for (String method : List.of("POST", "PATCH", "DELETE")) {
            try (Socket socket = sent(announcing(10).replace("POST", method) + "abc")) {
                socket.shutdownOutput();
                assertThat(answer(socket)).startsWith("HTTP/1.1 400").contains(Problems.MEDIA_TYPE);
            }
        }
        assertThat(handedOn).isEmpty();
    }

    @Test
    void whoBringsAllOfItGoesBeforeThoseWhoAreWaitedFor() throws Exception {
        for (int n = 0; n < 5; n++) {
            held.add(sent(announcing(MOST) + "a".repeat(900)));
            try (Socket socket = sent(announcing(MOST) + "b".repeat(MOST))) {
                assertThat(answer(socket)).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void whoIsWaitedForIsEndedAndNotHandedOn() throws Exception {
        for (int n = 0; n < 3; n++) {
            held.add(sent(announcing(MOST) + "a".repeat(900)));
        }
        assertThat(isOneEnded(held)).isTrue();
        try (Socket socket = sent(announcing(MOST) + "c".repeat(MOST))) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
        assertThat(handedOn).containsExactly("c".repeat(MOST));
    }

    @Test
    void whatABodyIsGivenToGrowCountsToo() throws Exception {
        for (int n = 0; n < 3; n++) {
            held.add(sent("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n" + "a".repeat(600)
                    + "\r\n1\r\na\r\n"));
        }
        assertThat(isOneEnded(held)).isTrue();
    }

    @Test
    void whoeverWouldTakeMoreThanThereIsRoomForBesideWhatIsAnsweredComesLater() throws Exception {
        answering.acquire();
        try (Socket one = sent(announcing(MOST) + "a".repeat(MOST));
                Socket other = sent(announcing(MOST) + "a".repeat(MOST))) {
            assertThat(handedOn()).hasSize(MOST);
            assertThat(handedOn()).hasSize(MOST);
            try (Socket third = sent(announcing(MOST).replace("POST", "PATCH") + "a".repeat(MOST))) {
                assertThat(answer(third)).startsWith("HTTP/1.1 503").containsIgnoringCase("retry-after: 5");
            }
            answering.release();
            assertThat(answer(one)).startsWith("HTTP/1.1 200");
            assertThat(answer(other)).startsWith("HTTP/1.1 200");
        }
        assertThat(answerWhenThereIsRoom()).startsWith("HTTP/1.1 200");
    }

    /** A client with an answer may ask again before its memory is returned. */
    private String answerWhenThereIsRoom() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String answer = "";
        do {
            try (Socket socket = sent(announcing(MOST) + "b".repeat(MOST))) {
                answer = answer(socket);
            }
        } while (answer.startsWith("HTTP/1.1 503") && System.nanoTime() < end);
        return answer;
    }

    @Test
    void whoHasBroughtNothingYetIsNotEndedSinceThatMakesNoRoom() throws Exception {
        Socket first = sent(announcing(MOST));
        held.add(first);
        for (int n = 0; n < 5; n++) {
            held.add(sent(announcing(MOST) + "a".repeat(900)));
            try (Socket socket = sent(announcing(MOST) + "b".repeat(MOST))) {
                assertThat(answer(socket)).startsWith("HTTP/1.1 200");
            }
        }
        send(first, "c".repeat(MOST));
        assertThat(answer(first)).startsWith("HTTP/1.1 200");
    }

    @Test
    void requestWhoseConnectionWasEndedBeforeAllOfItWasHereIsNotCarriedOut() throws Exception {
        here.set(false);
        for (String request : List.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n", announcing(2) + "ab")) {
            try (Socket socket = sent(request)) {
                assertThat(answer(socket)).doesNotContain(" 200");
            }
        }
        here.set(true);
        try (Socket socket = sent(announcing(2) + "cd")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
        assertThat(handedOn).containsExactly("cd");
    }

    private static boolean isOneEnded(List<Socket> sockets) throws IOException {
        for (int n = 0; n < PATIENCE_SECONDS * 10; n++) {
            for (Socket socket : sockets) {
                socket.setSoTimeout(30);
                try {
                    return socket.getInputStream().read() < 0;
                } catch (java.net.SocketTimeoutException e) {
                    // Not this one, or not yet.
                } catch (IOException e) {
                    return true;
                }
            }
        }
        return false;
    }
}

package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether what stops in the middle is taken for an answer by those who send wrong requests. */
final class RawHttpTest {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @AutoClose
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

    private RawHttpTest() throws IOException {}

    /** Answers one request by that, and ends the connection. */
    private Optional<RawHttp.Reply> answered(String text) throws IOException {
        CompletableFuture<Void> said = CompletableFuture.runAsync(() -> {
            try (Socket socket = server.accept()) {
                byte[] unused = socket.getInputStream().readNBytes(REQUEST.length);
                socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        try (RawHttp http = new RawHttp("http://127.0.0.1:" + server.getLocalPort())) {
            return http.exchange(REQUEST, false, PATIENCE_MILLIS);
        } finally {
            said.join();
        }
    }

    @Test
    void answerOfAllThatWasAnnouncedIsRead() throws IOException {
        assertThat(answered("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"))
                .hasValueSatisfying(reply -> assertThat(reply.body()).asString().isEqualTo("body"));
        assertThat(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"))
                .hasValueSatisfying(reply -> assertThat(reply.body()).asString().isEqualTo("body"));
    }

    @Test
    void connectionThatIsClosedWithoutAWordIsNoAnswer() throws IOException {
        assertThat(answered("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 O",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbod",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"
            })
    void answerThatIsCutOffIsNone(String text) {
        assertThatThrownBy(() -> answered(text)).isInstanceOf(EOFException.class);
    }
}

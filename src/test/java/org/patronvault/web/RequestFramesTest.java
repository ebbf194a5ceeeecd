package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that ambiguous request frames (RFC 9112, 2.2, 3.2, 5.1, 6.3, 7.1) are refused and their connection closed.
 * Bytes behind such a request are never taken for another request.
 */
final class RequestFramesTest {
    private static final String CANARY = "zqcanary";
    private static final String BEHIND = "GET /health/live?" + CANARY + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 ([0-9]{3})");
    private static final int PATIENCE_MILLIS = 20_000;

    private static ServedVault vault;

    @BeforeAll
    static void serve() {
        vault = new ServedVault();
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    /** All that comes back until the server closes the connection. */
    private static String exchange(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), vault.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static long answers(String said) {
        return ANSWER.matcher(said).results().count();
    }

    @Test
    void whatComesBehindAWholeRequestIsAnotherOne() throws IOException {
        String said = exchange("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd"
                + "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answers(said)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1|Host: localhost|Content-Length: 4|Content-Length: 5||abcd",
                "POST / HTTP/1.1|Host: localhost|Content-Length: 4, 5||abcd",
                "POST / HTTP/1.1|Host: localhost|Content-Length: -4||abcd",
                "POST / HTTP/1.1|Host: localhost|Content-Length: +4||abcd",
                "POST / HTTP/1.1|Host: localhost|Content-Length: 0x4||abcd",
                "POST / HTTP/1.1|Host: localhost|Content-Length: 99999999999999999999||abcd",
                "POST / HTTP/1.1|Host: localhost|Content-Length : 4||abcd",
                "POST / HTTP/1.1|Host: localhost|Content-Length: 4|Transfer-Encoding: chunked||0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: chunked|Content-Length: 4||0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: chunked, identity||0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: xchunked||0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: chunked|Transfer-Encoding: identity||0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||-1|abcd|0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||fffffffffffffffff|abcd|0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||4 abcd|0||",
                "POST / HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||zqcanary|abcd|0||",
                "GET / HTTP/1.1|Host: localhost|X-A: b| zqcanary: c||",
                "GET / HTTP/1.1|Host: localhost| Host: zqcanary||",
                "GET / HTTP/1.1|Host: localhost|Host: zqcanary||",
                "GET / HTTP/1.1|Host : zqcanary||",
                "GET / HTTP/1.1|Host: localhost|zqcanary||",
                "GET / HTTP/1.1|Host: localhost|: zqcanary||",
                "GET / HTTP/1.1|Host: localhost|X Y: zqcanary||",
                "GET / HTTP/1.1|Host: localhost|X\u0000: zqcanary||",
                "GET / HTTP/1.1|Host: localhost|X: zq\u0000canary||",
                "GET / HTTP/1.1|Host: localhost|X: zq\rcanary||",
                "GET / HTTP/1.1|Host: zqcanary/..||",
                "GET / HTTP/1.1|X-A: zqcanary||",
                "GET / zqcanary HTTP/1.1|Host: localhost||",
                "GET\t/\tHTTP/1.1|Host: localhost||",
                "zqcanary|Host: localhost||",
                "G\u0000ET / HTTP/1.1|Host: localhost||",
                "CONNECT zqcanary:443 HTTP/1.1|Host: localhost||",
            })
    void requestThatCouldBeReadInTwoWaysIsRefusedAndNothingBehindItIsRead(String request) throws IOException {
        String said = exchange(request.replace("|", "\r\n") + BEHIND);
        assertRefused(said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\nHost: localhost\nContent-Length: 4\n\nabcd",
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\n\n4\nabcd\n0\n\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nX: b\nZ: zqcanary\r\n\r\n",
            })
    void lineThatEndsWithoutACarriageReturnIsRefused(String request) throws IOException {
        assertRefused(exchange(request + BEHIND));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /zqcanary|", "GET /zqcanary HTTP/0.9|", "GET / HTTP/1.2zqcanary|Host: localhost||"})
    void versionThatThereIsNotIsRefusedAsSuch(String request) throws IOException {
        String said = exchange(request.replace("|", "\r\n") + BEHIND);
        assertThat(said)
                .startsWith("HTTP/1.1 505")
                .contains("application/problem+json")
                .doesNotContain(CANARY);
        assertThat(answers(said)).isEqualTo(1);
    }

    private static void assertRefused(String said) {
        assertThat(said)
                .startsWith("HTTP/1.1 4")
                .contains("application/problem+json")
                .doesNotContain(CANARY);
        assertThat(answers(said)).isEqualTo(1);
    }
}

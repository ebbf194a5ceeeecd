package org.patronvault.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One HTTP/1.1 connection that is kept open: a blocking socket and the least that reads an answer with a
 * Content-Length, so that the generator takes little of the processor it shares with what it measures. Not for use by
 * several threads.
 */
final class HttpConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int LARGEST_ANSWER = 1 << 16;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final byte[] buffer = new byte[LARGEST_ANSWER];
    private int filled;
    private int bodyAt;
    private int status;

    HttpConnection(int port) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
        in = socket.getInputStream();
    }

    /** Sends a whole request and reads the whole answer; gives its status. */
    int exchange(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        filled = 0;
        bodyAt = -1;
        while (bodyAt < 0) {
            int from = Math.max(0, filled - 3);
            read();
            for (int i = from; bodyAt < 0 && i + 3 < filled; i++) {
                if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r' && buffer[i + 3] == '\n') {
                    bodyAt = i + 4;
                }
            }
        }
        String head = new String(buffer, 0, bodyAt, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        status = Integer.parseInt(head.substring(9, 12));
        int at = head.indexOf("\r\ncontent-length:");
        if (at < 0) {
            throw new IOException("an answer without Content-Length, status " + status);
        }
        int start = at + "\r\ncontent-length:".length();
        int end = bodyAt
                + Integer.parseInt(
                        head.substring(start, head.indexOf('\r', start)).strip());
        while (filled < end) {
            read();
        }
        return status;
    }

    private void read() throws IOException {
        int more = in.read(buffer, filled, buffer.length - filled);
        if (more <= 0) {
            throw new EOFException("the answer ended early, or is larger than 64 KiB");
        }
        filled += more;
    }

    /** The body of the last answer. */
    String body() {
        return new String(buffer, bodyAt, filled - bodyAt, StandardCharsets.UTF_8);
    }

    /** The length of that body. */
    int bodyBytes() {
        return filled - bodyAt;
    }

    /** A request in the bytes that go over the wire. */
    static byte[] request(String method, String path, String token, String json) {
        return request(method, path, token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n", "", json);
    }

    /** A request without a token that a proxy hands on for that address. */
    static byte[] requestFrom(String address, String method, String path, String json) {
        return request(method, path, "", "X-Forwarded-For: " + address + "\r\n", json);
    }

    private static byte[] request(String method, String path, String authorization, String forwarded, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + authorization + forwarded
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        return (head + json).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

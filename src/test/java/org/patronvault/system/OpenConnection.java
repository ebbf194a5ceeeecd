package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Supplier;

/** One connection that stays open, on which one address is asked for again and again. */
final class OpenConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;
    private final byte[] request;

    OpenConnection(String address, String path, String token) {
        try {
            socket = new Socket(
                    InetAddress.getLoopbackAddress(), URI.create(address).getPort());
            socket.setSoTimeout(PATIENCE_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
            request = ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks once; gives the status. */
    int status() {
        try {
            socket.getOutputStream().write(request);
            int status = Integer.parseInt(line().split(" ", 3)[1]);
            int length = 0;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(
                            header.substring(header.indexOf(':') + 1).strip());
                }
            }
            assertThat(in.readNBytes(length)).hasSize(length);
            return status;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            assertThat(c).as("the connection stays open").isNotNegative();
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** Fails unless what was answered {@code before} is no more a second after {@code end}, on this connection. */
    void assertEndsWithinASecond(int before, Supplier<Answer> end) {
        assertThat(status()).isEqualTo(before);
        Answer ended = end.get();
        assertThat(ended.status()).as("%s", ended).isEqualTo(200);
        long done = System.nanoTime();
        long asked = done;
        int status = before;
        while (status == before) {
            assertThat(asked - done).as("nanoseconds since").isLessThan(1_000_000_000);
            asked = System.nanoTime();
            status = status();
        }
        assertThat(status).isEqualTo(401);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

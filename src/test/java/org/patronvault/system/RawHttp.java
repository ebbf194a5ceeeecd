package org.patronvault.system;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import javax.net.SocketFactory;

/** A connection to a server that sends whatever bytes it is given, as no HTTP library would. For one thread. */
final class RawHttp implements AutoCloseable {
    private static final int CONNECT_MILLIS = 20_000;
    private static final int MOST_HEAD_BYTES = 1 << 16;

    private final InetSocketAddress server;
    private final SocketFactory sockets;
    private Socket socket = new Socket();
    private InputStream in = InputStream.nullInputStream();
    private int again;

    /** What came back: the lines before the body, and the body. */
    record Reply(int status, String head, byte[] body) {
        Optional<String> header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .findFirst()
                    .map(line -> line.substring(start.length()).strip());
        }

        /** All of it, byte for byte. */
        String text() {
            return head + new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    RawHttp(String address) {
        this(address, SocketFactory.getDefault());
    }

    /** The same over TLS, if such sockets are made there. */
    RawHttp(String address, SocketFactory sockets) {
        URI uri = URI.create(address);
        this.server = new InetSocketAddress(uri.getHost(), uri.getPort());
        this.sockets = sockets;
    }

    /**
     * Sends that and reads one answer.
     *
     * @param headOnly whether an answer has no body, whatever it says
     * @param patience in milliseconds
     * @return empty where the server closed the connection without a word
     * @throws IOException if nothing came for so long, what came is no HTTP, or less came than was announced
     */
    Optional<Reply> exchange(byte[] request, boolean headOnly, int patience) throws IOException {
        boolean kept = !socket.isClosed() && socket.isConnected();
        if (!kept) {
            connect();
        }
        socket.setSoTimeout(patience);
        Optional<Reply> reply = send(request) ? read(headOnly) : Optional.empty();
        if (reply.isEmpty() && kept) {
            // The server may close a connection that is kept at any time.
            again++;
            connect();
            socket.setSoTimeout(patience);
            reply = send(request) ? read(headOnly) : Optional.empty();
        }
        if (reply.isEmpty()
                || reply.get().header("Connection").filter("close"::equals).isPresent()) {
            close();
        }
        return reply;
    }

    private void connect() throws IOException {
        close();
        socket = sockets.createSocket();
        socket.setTcpNoDelay(true);
        socket.connect(server, CONNECT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A server that has heard enough may answer, and close, before all of it is sent. */
    private boolean send(byte[] request) {
        try {
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            return true;
        } catch (IOException e) {
            return true;
        }
    }

    private Optional<Reply> read(boolean headOnly) throws IOException {
        int first;
        try {
            first = in.read();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            return Optional.empty();
        }
        if (first < 0) {
            return Optional.empty();
        }
        String head = head((char) first);
        if (!head.matches("(?s)HTTP/1\\.[01] [1-5][0-9][0-9].*")) {
            throw new IOException("no HTTP");
        }
        int status = Integer.parseInt(head.substring(9, 12));
        if (status == 100) {
            return read(headOnly);
        }
        Reply reply = new Reply(status, head, new byte[0]);
        boolean none = headOnly || status == 204 || status == 304;
        return Optional.of(none ? reply : new Reply(status, head, body(reply)));
    }

    private String head(char first) throws IOException {
        StringBuilder head = new StringBuilder().append(first);
        while (head.indexOf("\r\n\r\n") < 0) {
            if (head.length() == MOST_HEAD_BYTES) {
                throw new IOException("a head without end");
            }
            head.append(next());
        }
        return head.toString();
    }

    private char next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("an answer that is cut off");
        }
        return (char) next;
    }

    private byte[] bytes(int announced) throws IOException {
        byte[] bytes = in.readNBytes(announced);
        if (bytes.length < announced) {
            throw new EOFException("an answer that is cut off: " + bytes.length + " bytes of " + announced);
        }
        return bytes;
    }

    private byte[] body(Reply reply) throws IOException {
        Optional<String> length = reply.header("Content-Length");
        if (length.isPresent()) {
            return bytes(Integer.parseInt(length.get()));
        }
        if (reply.header("Transfer-Encoding").isEmpty()) {
            return in.readAllBytes();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunk(); size > 0; size = chunk()) {
            body.write(bytes(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line().strip(), 16);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (char next = next(); next != '\n'; next = next()) {
            line.append(next);
        }
        return line.toString();
    }

    /** How often a request was sent once more, because the connection that was kept had been closed without a word. */
    int again() {
        return again;
    }

    /** Ends the connection; the next exchange is over another. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package org.patronvault.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocketFactory;

/** So many connections, each of which drips a request, and comes again when it is ended. */
final class SlowCallers implements AutoCloseable {
    /** How long it takes to send one byte over each. */
    private static final long ROUND_NANOS = 2_000_000_000L;

    private static final String LONG =
            "POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 65536\r\n\r\n"
                    + "a".repeat(65_490);

    private static final List<String> BEGINNINGS = List.of(
            "GET /v1/patrons/0123456789abcdef HTTP/1.1\r\nHost: a\r\nX-Slow: ",
            "POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
            LONG);

    /** The head of a TLS record of 16 KiB, and nearly all of it: the rest is waited for before it is looked at. */
    private static final String RECORD = "\27\3\3\100\0" + "a".repeat(15_000);

    private static final int HANDSHAKE_MILLIS = 10_000;

    private final InetSocketAddress server;
    private final Optional<SSLSocketFactory> tls;
    private final List<SocketChannel> open = new ArrayList<>();
    private final Thread thread = new Thread(this::drip, "slow-callers");
    private volatile boolean over;
    private final AtomicInteger again = new AtomicInteger();
    private final List<String> beginnings;

    private SlowCallers(String address, Optional<SSLSocketFactory> tls, int connections, List<String> beginnings)
            throws IOException {
        URI uri = URI.create(address);
        this.server = new InetSocketAddress(uri.getHost(), uri.getPort());
        this.tls = tls;
        this.beginnings = beginnings;
        for (int n = 0; n < connections; n++) {
            open.add(begun(n));
        }
    }

    /** Opens that many, and drips until it is closed. */
    static SlowCallers begin(String address, int connections) {
        return begin(address, Optional.empty(), connections, BEGINNINGS);
    }

    /** The same, where each has brought nearly all of a body that is as long as may be. */
    static SlowCallers beginLong(String address, int connections) {
        return begin(address, Optional.empty(), connections, List.of(LONG));
    }

    /** The same over TLS, where what is dripped is of a record that never comes to its end. */
    static SlowCallers beginLong(String address, SSLSocketFactory tls, int connections) {
        return begin(address, Optional.of(tls), connections, List.of(LONG));
    }

    private static SlowCallers begin(
            String address, Optional<SSLSocketFactory> tls, int connections, List<String> beginnings) {
        try {
            SlowCallers callers = new SlowCallers(address, tls, connections, beginnings);
            callers.thread.start();
            return callers;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SocketChannel begun(int n) throws IOException {
        SocketChannel channel = SocketChannel.open(server);
        try {
            say(channel, beginnings.get(n % beginnings.size()));
        } catch (IOException e) {
            // Ended already for one that is newer; it comes again in its turn.
        }
        channel.configureBlocking(false);
        return channel;
    }

    private void say(SocketChannel channel, String text) throws IOException {
        if (tls.isEmpty()) {
            channel.write(bytes(text));
            return;
        }
        channel.socket().setSoTimeout(HANDSHAKE_MILLIS);
        Socket sealed = tls.get().createSocket(channel.socket(), server.getHostString(), server.getPort(), false);
        sealed.getOutputStream().write(bytes(text).array());
        channel.write(bytes(RECORD));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void drip() {
        while (!over) {
            for (int n = 0; n < open.size() && !over; n++) {
                SocketChannel channel = open.get(n);
                try {
                    if (channel.read(ByteBuffer.allocate(512)) < 0) {
                        throw new IOException("ended");
                    }
                    channel.write(bytes("a"));
                } catch (IOException ended) {
                    open.set(n, anew(channel, n));
                }
                LockSupport.parkNanos(ROUND_NANOS / open.size());
            }
        }
    }

    private SocketChannel anew(SocketChannel ended, int n) {
        try {
            ended.close();
            again.incrementAndGet();
            return begun(n);
        } catch (IOException e) {
            // It is tried again in the next round.
            return ended;
        }
    }

    /** How many were ended, and came again. */
    int again() {
        return again.get();
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
            for (SocketChannel channel : open) {
                channel.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.patronvault.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/** So many connections, each of which drips a request, and comes again when it is ended. For Linux. */
final class SlowCallers implements AutoCloseable {
    /** How long it takes to send one byte over each. */
    private static final long ROUND_NANOS = 2_000_000_000L;

    private static final String LONG =
            "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 65536\r\n\r\n"
                    + "a".repeat(65_490);

    private static final List<String> BEGINNINGS = List.of(
            "GET /v1/patrons/0123456789abcdef HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
            "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
            LONG);

    /** The head of a TLS record of 16 KiB, and nearly all of it: the rest is waited for before it is looked at. */
    private static final String RECORD = "\27\3\3\100\0" + "a".repeat(15_000);

    private static final int HANDSHAKE_MILLIS = 10_000;

    /** As long as a server has patience with one of so many, and then until it looks again. */
    private static final long PATIENCE_NANOS = 5_500_000_000L;

    private static final long LOOK_NANOS = 200_000_000;

    /** What Linux has open: of each connection both ends, with address and port in hexadecimal, and 01 where it is whole. */
    private static final List<Path> SOCKETS = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

    private final InetSocketAddress server;
    private final Optional<SSLSocketFactory> tls;
    private final List<SocketChannel> open = new ArrayList<>();
    private final FutureTask<Void> dripping = new FutureTask<>(this::drip, null);
    private final Thread thread = new Thread(dripping, "slow-callers");
    private volatile boolean over;
    private final AtomicInteger again = new AtomicInteger();
    private final List<String> beginnings;

    /** Tells at once of those that were ended; else that is noticed when the next byte is sent. */
    private final Optional<Selector> ended;

    private final List<Integer> looks = new CopyOnWriteArrayList<>();

    private SlowCallers(
            String address,
            Optional<SSLSocketFactory> tls,
            int connections,
            List<String> beginnings,
            Optional<Selector> ended)
            throws IOException {
        URI uri = URI.create(address);
        this.server = new InetSocketAddress(uri.getHost(), uri.getPort());
        this.tls = tls;
        this.beginnings = beginnings;
        this.ended = ended;
        long began = System.nanoTime();
        for (int n = 0; n < connections; n++) {
            if (ended.isPresent()) {
                LockSupport.parkNanos(began + n * PATIENCE_NANOS / connections - System.nanoTime());
                noticeEnded(ended.get());
            }
            open.add(begun(n));
        }
    }

    /**
     * Opens that many one by one, and drips until it is closed. Each that is ended comes again at once, and they are not
     * all ended together.
     */
    static SlowCallers begin(String address, int connections) {
        try {
            return begin(address, Optional.empty(), connections, BEGINNINGS, Optional.of(Selector.open()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, where each has brought nearly all of a body that is as long as may be. */
    static SlowCallers beginLong(String address, int connections) {
        return begin(address, Optional.empty(), connections, List.of(LONG), Optional.empty());
    }

    /** The same over TLS, where what is dripped is of a record that never comes to its end. */
    static SlowCallers beginLong(String address, SSLSocketFactory tls, int connections) {
        return begin(address, Optional.of(tls), connections, List.of(LONG), Optional.empty());
    }

    private static SlowCallers begin(
            String address,
            Optional<SSLSocketFactory> tls,
            int connections,
            List<String> beginnings,
            Optional<Selector> ended) {
        try {
            SlowCallers callers = new SlowCallers(address, tls, connections, beginnings, ended);
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
        if (ended.isPresent()) {
            SelectionKey unused = channel.register(ended.get(), SelectionKey.OP_READ, n);
        }
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
        long looked = System.nanoTime();
        while (!over) {
            for (int n = 0; n < open.size() && !over; n++) {
                ended.ifPresent(this::noticeEnded);
                goOn(n, "a");
                LockSupport.parkNanos(ROUND_NANOS / open.size());
                if (ended.isPresent() && System.nanoTime() - looked > LOOK_NANOS) {
                    looks.add(countOpen());
                    looked = System.nanoTime();
                }
            }
        }
    }

    private void noticeEnded(Selector selector) {
        try {
            List<Integer> told = new ArrayList<>();
            int unused = selector.selectNow(key -> told.add((Integer) key.attachment()));
            told.forEach(n -> goOn(n, ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends that over it, or opens it anew if it was ended. */
    private void goOn(int n, String text) {
        SocketChannel channel = open.get(n);
        try {
            if (channel.read(ByteBuffer.allocate(512)) < 0) {
                throw new IOException("ended");
            }
            channel.write(bytes(text));
        } catch (IOException e) {
            open.set(n, anew(channel, n));
        }
    }

    /** How many the server has, by the system's own list: also whoever else calls. */
    private int countOpen() {
        Pattern whole = Pattern.compile(String.format(" *[0-9]+: [0-9A-F]+:%04X [0-9A-F:]+ 01 .*", server.getPort()));
        try {
            int count = 0;
            for (Path sockets : SOCKETS) {
                for (String line : Files.readAllLines(sockets)) {
                    count += whole.matcher(line).matches() ? 1 : 0;
                }
            }
            return count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    /** How many were open at half of the looks or more, five times a second; only of those that come again at once. */
    int open() {
        List<Integer> sorted = looks.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    }

    /** How many were ended, and came again. */
    int again() {
        return again.get();
    }

    /** Fails if it has dripped no more since something went wrong. */
    @Override
    public void close() {
        over = true;
        try {
            dripping.get();
            for (SocketChannel channel : open) {
                channel.close();
            }
            if (ended.isPresent()) {
                ended.get().close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("slow callers were none any more", e.getCause());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.patronvault.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import javax.net.SocketFactory;

/** A client of SIP2, written from the protocol and not from the gateway; what it sends and gets is bytes as Latin-1. */
public final class Kiosk implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;
    /** Little, so that who does not read is soon noticed. */
    private static final int RECEIVED_BYTES = 4_096;

    private static final String TIME = "20261124    083000";

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private int sequence;

    private Kiosk(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        this.in = new java.io.BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /** Connected to that port of this machine. */
    public static Kiosk at(int port) {
        return at(port, SocketFactory.getDefault());
    }

    /** The same by sockets of that factory. */
    public static Kiosk at(int port, SocketFactory sockets) {
        try {
            Socket socket = sockets.createSocket();
            socket.setReceiveBufferSize(RECEIVED_BYTES);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return new Kiosk(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, signed in as that account. */
    public static Kiosk at(int port, String login, String password) {
        Kiosk kiosk = at(port);
        String answer = kiosk.ask(kiosk.login(login, password));
        if (!answer.startsWith("941")) {
            throw new IllegalStateException("not signed in: " + answer);
        }
        return kiosk;
    }

    /** The sum of SIP2 behind a message that ends with {@code AZ}. */
    public static String summed(String message) {
        int sum = 0;
        for (byte b : message.getBytes(StandardCharsets.ISO_8859_1)) {
            sum += b & 0xff;
        }
        return message + String.format(Locale.ROOT, "%04X", (0x10000 - (sum & 0xffff)) & 0xffff);
    }

    /** A message with the next sequence number and its sum. */
    public String detected(String message) {
        String whole = summed(message + "AY" + sequence + "AZ");
        sequence = (sequence + 1) % 10;
        return whole;
    }

    /** A login. */
    public String login(String login, String password) {
        return detected("9300CN" + login + "|CO" + password + "|CPdesk 1|");
    }

    /** A request for the patron status. */
    public String status(String card, Optional<String> pin) {
        return detected("23000" + TIME + "AONC|AA" + card + "|AC|AD" + pin.orElse("") + "|");
    }

    /** A request for information, all of it. */
    public String information(String card, Optional<String> pin) {
        return detected("63001" + TIME + "YYYYYYYYYY" + "AONC|AA" + card + "|AC|AD" + pin.orElse("") + "|BP1|BQ99|");
    }

    /** The end of a patron's session. */
    public String end(String card) {
        return detected("35" + TIME + "AONC|AA" + card + "|AC|AD|");
    }

    /** Sends a message, ended by CR, and waits for the answer; null if the connection is over. */
    public String ask(String message) {
        send(message + "\r");
        return answer();
    }

    /** Sends just that; nothing happens if the other end is gone. */
    public void send(String bytes) {
        try {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        } catch (SocketException e) {
            // The answer says so.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next answer without its CR; null if the connection is over. */
    public String answer() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int next = in.read();
            while (next >= 0 && next != '\r') {
                line.write(next);
                next = in.read();
            }
            return next < 0 ? null : line.toString(StandardCharsets.ISO_8859_1);
        } catch (SocketException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the connection is over, waiting so long for its end or for anything else to come. */
    public boolean isOverWithin(int millis) {
        try {
            socket.setSoTimeout(millis);
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** An answer without what time, sequence number and sum make of it. */
    public static String timeless(String answer) {
        return answer.replaceAll("20\\d{6}    \\d{6}", "TIME").replaceAll("AY\\dAZ[0-9A-F]{4}$", "");
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

package org.patronvault.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A line to a PostgreSQL that can be cut: at once, or when the next COMMIT of something written has been carried out there
 * and whoever asked for it does not know yet. What is cut stays cut; new connections pass.
 */
public final class CutLine implements AutoCloseable {
    private static final byte[] WRITTEN = "UPDATE 1\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COMMITTED = "COMMIT\0".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket listening;
    private final int port;
    private final List<Socket> open = new ArrayList<>();
    private boolean cutsAtCommit;
    private int cuts;

    private CutLine(int port) {
        this.port = port;
        try {
            this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    /** A line to that port of this machine. */
    public static CutLine to(int port) {
        return new CutLine(port);
    }

    /** The port of this machine that leads there. */
    public int port() {
        return listening.getLocalPort();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "cut-line");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket from = listening.accept();
                Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
                from.setTcpNoDelay(true);
                to.setTcpNoDelay(true);
                synchronized (this) {
                    open.add(from);
                    open.add(to);
                }
                daemon(() -> pass(from, to, false));
                daemon(() -> pass(to, from, true));
            } catch (IOException e) {
                // Closed, or nobody there.
            }
        }
    }

    private void pass(Socket from, Socket to, boolean isAnswer) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[65_536];
            boolean hasWritten = false;
            int count = in.read(buffer);
            while (count > 0) {
                hasWritten |= isAnswer && holds(WRITTEN, buffer, count);
                boolean isOver = isAnswer && holds(COMMITTED, buffer, count);
                if (isOver && hasWritten && isCutHere()) {
                    return;
                }
                hasWritten &= !isOver;
                out.write(buffer, 0, count);
                count = in.read(buffer);
            }
        } catch (IOException e) {
            // Cut.
        } finally {
            shut(from);
            shut(to);
        }
    }

    private synchronized boolean isCutHere() {
        boolean isCut = cutsAtCommit;
        cutsAtCommit = false;
        cuts += isCut ? 1 : 0;
        return isCut;
    }

    private static boolean holds(byte[] what, byte[] bytes, int count) {
        for (int at = 0; at + what.length <= count; at++) {
            if (Arrays.equals(what, 0, what.length, bytes, at, at + what.length)) {
                return true;
            }
        }
        return false;
    }

    /** Cuts the connection whose COMMIT is carried out next, before it is told. */
    public synchronized void cutAtCommit() {
        cutsAtCommit = true;
    }

    /** How often a COMMIT was carried out and not told. */
    public synchronized int cuts() {
        return cuts;
    }

    /** Cuts every connection there is. */
    public synchronized void cut() {
        open.forEach(CutLine::shut);
        open.clear();
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed already.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}

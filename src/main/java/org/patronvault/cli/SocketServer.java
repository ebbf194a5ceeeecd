package org.patronvault.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.patronvault.app.Home;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.terminal.Prompt;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The server that runs commands for other processes of its user. Only the owner can enter the socket's directory, and
 * the socket has mode 0600. The policy still decides who may do what.
 */
final class SocketServer implements AutoCloseable {
    static final int OUT = 1;
    static final int ERR = 2;
    static final int EXIT = 3;
    static final int ASK = 4;
    private static final int MAX_REQUEST_BYTES = 4 * 1024 * 1024;
    /** The time for running commands to answer during a stop, including the command that stops the server. */
    private static final long STOP_MILLIS = 8_000;

    private static final long PAUSE_MILLIS = 200;

    private final ServerSocketChannel listener;
    private final Path socket;
    private final VaultInstance vault;
    /** A ceremony holds a thread while people write. */
    private final ExecutorService commands = Executors.newFixedThreadPool(32, task -> {
        Thread thread = new Thread(task, "vault-command");
        thread.setDaemon(true);
        return thread;
    });

    private SocketServer(ServerSocketChannel listener, Path socket, VaultInstance vault) {
        this.listener = listener;
        this.socket = socket;
        this.vault = vault;
    }

    /** Listens in the home. */
    static SocketServer start(Home home, VaultInstance vault) {
        try {
            Files.deleteIfExists(home.socket());
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(home.socket()));
            Files.setPosixFilePermissions(home.socket(), PosixFilePermissions.fromString("rw-------"));
            SocketServer server = new SocketServer(listener, home.socket(), vault);
            Thread thread = new Thread(server::accept, "vault-socket");
            thread.setDaemon(true);
            thread.start();
            return server;
        } catch (IOException e) {
            throw new Refused(
                    Problem.HOME_IN_USE,
                    "The command socket cannot be made in node/; the home's path may be too long, which `doctor` says.");
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                begin(listener.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // No file can be opened for the moment, so callers wait.
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private void begin(SocketChannel channel) throws IOException {
        try {
            commands.execute(() -> serve(channel));
        } catch (RejectedExecutionException e) {
            // The server stops, and the closed connection tells the last caller.
            channel.close();
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void serve(SocketChannel accepted) {
        try (SocketChannel channel = accepted;
                DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
                DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel))) {
            int length = in.readInt();
            if (length < 0 || length > MAX_REQUEST_BYTES) {
                return;
            }
            JsonNode request = SocketClient.JSON.readTree(in.readNBytes(length));
            String[] words = args(request);
            int code = Commands.line(invocation(request, in, out), words).execute(words);
            frame(out, EXIT, new byte[] {(byte) code});
        } catch (IOException e) {
            // The caller is gone. The command's effect remains, and the log has it.
        }
    }

    private Invocation invocation(JsonNode request, DataInputStream in, DataOutputStream out) {
        boolean terminal = request.path("terminal").asBoolean();
        Map<String, byte[]> secrets = new HashMap<>();
        request.path("secrets")
                .properties()
                .forEach(e -> secrets.put(
                        e.getKey(), Base64.getDecoder().decode(e.getValue().asText())));
        return new Invocation(
                stream(out, OUT),
                stream(out, ERR),
                new ByteArrayInputStream(new byte[0]),
                Path.of(request.path("directory").asText()),
                texts(request.path("places")),
                texts(request.path("environment")),
                terminal,
                terminal ? (question, echo) -> ask(in, out, question, echo) : Prompt.NOBODY,
                Optional.of(secrets),
                Optional.of(vault));
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new HashMap<>();
        object.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
        return texts;
    }

    private static String[] args(JsonNode request) {
        List<String> args = new ArrayList<>();
        request.path("args").forEach(arg -> args.add(arg.asText()));
        return args.toArray(new String[0]);
    }

    /** Asks the caller's terminal. The answer is a length, or -1, and the text. */
    private static Optional<String> ask(DataInputStream in, DataOutputStream out, String question, boolean echo) {
        try {
            byte[] text = question.getBytes(StandardCharsets.UTF_8);
            byte[] content = new byte[text.length + 1];
            content[0] = (byte) (echo ? 1 : 0);
            System.arraycopy(text, 0, content, 1, text.length);
            frame(out, ASK, content);
            int length = in.readInt();
            return length < 0 || length > MAX_REQUEST_BYTES
                    ? Optional.empty()
                    : Optional.of(new String(in.readNBytes(length), StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The caller is gone, which counts as no person at the terminal.
            return Optional.empty();
        }
    }

    private static PrintStream stream(DataOutputStream out, int kind) {
        OutputStream frames = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                frame(out, kind, new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                frame(out, kind, java.util.Arrays.copyOfRange(bytes, offset, offset + length));
            }
        };
        return new PrintStream(frames, true, StandardCharsets.UTF_8);
    }

    private static void frame(DataOutputStream out, int kind, byte[] content) throws IOException {
        synchronized (out) {
            out.writeByte(kind);
            out.writeInt(content.length);
            out.write(content);
            out.flush();
        }
    }

    /** Accepts no more commands, and waits a moment for running ones, because an interrupt would lose their answers. */
    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            // The process ends. A leftover socket answers nobody, and the next start replaces it.
        }
        commands.shutdown();
        try {
            if (!commands.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
                commands.shutdownNow();
            }
        } catch (InterruptedException e) {
            commands.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}

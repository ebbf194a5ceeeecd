package org.patronvault.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.patronvault.app.Home;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.ServicePaths;
import org.patronvault.cli.terminal.Prompt;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The client of a home's server: it sends a command and prints the answer. */
final class SocketClient {
    static final ObjectMapper JSON = new ObjectMapper();

    private SocketClient() {}

    /** Whether a server answers on the home's socket. */
    static boolean serverRuns(Home home) {
        if (!Files.exists(home.socket())) {
            return false;
        }
        try (SocketChannel channel = open(home)) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static SocketChannel open(Home home) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(home.socket()));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    static int handOver(Home home, String[] args, Invocation here, Map<String, byte[]> secrets) {
        try (SocketChannel channel = open(home);
                DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
                DataInputStream in = new DataInputStream(Channels.newInputStream(channel))) {
            byte[] request = JSON.writeValueAsBytes(request(args, here, secrets));
            out.writeInt(request.length);
            out.write(request);
            out.flush();
            while (true) {
                int frame = in.readByte();
                byte[] content = in.readNBytes(in.readInt());
                switch (frame) {
                    case SocketServer.OUT -> {
                        here.out().write(content);
                        here.out().flush();
                    }
                    case SocketServer.ERR -> {
                        here.err().write(content);
                        here.err().flush();
                    }
                    case SocketServer.ASK -> answer(here.prompt(), content, out);
                    default -> {
                        return content[0];
                    }
                }
            }
        } catch (EOFException e) {
            throw new Refused(Problem.HOME_IN_USE, "The server stopped before the command ended; look what was done.");
        } catch (IOException e) {
            throw new Refused(Problem.HOME_IN_USE, "The server on this home cannot be reached.");
        }
    }

    private static void answer(Prompt prompt, byte[] content, DataOutputStream out) throws IOException {
        String question = new String(content, 1, content.length - 1, StandardCharsets.UTF_8);
        Optional<String> typed = prompt.ask(question, content[0] == 1);
        if (typed.isEmpty()) {
            out.writeInt(-1);
        } else {
            byte[] text = typed.get().getBytes(StandardCharsets.UTF_8);
            out.writeInt(text.length);
            out.write(text);
        }
        out.flush();
    }

    private static ObjectNode request(String[] args, Invocation here, Map<String, byte[]> secrets) {
        ObjectNode request = JSON.createObjectNode();
        ArrayNode words = request.putArray("args");
        for (String arg : args) {
            words.add(arg);
        }
        request.put("directory", here.directory().toString());
        request.put("terminal", here.terminal());
        ObjectNode places = request.putObject("places");
        ServicePaths.here().forEach(places::put);
        ObjectNode environment = request.putObject("environment");
        here.environment().forEach(environment::put);
        ObjectNode contents = request.putObject("secrets");
        secrets.forEach((name, bytes) -> contents.put(name, Base64.getEncoder().encodeToString(bytes)));
        return request;
    }
}

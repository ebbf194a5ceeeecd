package org.patronvault.cli.log;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.file.SmallFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.log.witness.Witness;
import org.patronvault.web.WitnessServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code witness}, which runs a small co-signing witness on a machine apart from its vaults. */
@Command(
        name = "witness",
        mixinStandardHelpOptions = true,
        description = "Keeps the last size and root of each log it knows, and signs what grows from it (C2SP"
                + " tlog-witness). Runs on another machine than the vault, and has no key of it.")
public final class WitnessCommand implements Callable<Integer> {
    private static final int MAX_KEYS_BYTES = 1 << 20;

    private final Invocation invocation;

    @Option(names = "--state", paramLabel = "DIR", required = true, description = "What it keeps; made if not there.")
    private String state;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Of a new witness, such as witness.example.org/w1; it never changes.")
    private String name;

    @Option(
            names = "--log",
            paramLabel = "F",
            description = "Verifier keys of logs to know from now on, such as a copy of a vault's published/log.vkey.")
    private String log;

    @Option(names = "--host", paramLabel = "HOST", description = "Which address (default: 127.0.0.1).")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Which port (default: 8090; 0 for any free one).")
    private int port = 8090;

    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    private boolean json;

    WitnessCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (port < 0 || port > 65_535) {
            throw new Refused(Problem.INVALID, "--port is a number from 0 to 65535.");
        }
        Optional<String> keys = Optional.ofNullable(log).map(this::read);
        // After a failed sync and a power failure, the witness might not know its latest signature.
        Runnable unused = DurableFile.watch(
                invocation.path(state),
                why -> ExitCodes.stopAtOnceSaying(
                        "The witness stops: a file of its directory could not be put on disk."));
        Witness witness = Witness.open(invocation.path(state), Optional.ofNullable(name), keys, Clock.systemUTC());
        WitnessServer server;
        try {
            server = WitnessServer.start(witness, host, port);
        } catch (RuntimeException e) {
            witness.close();
            throw e;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            server.close();
                            witness.close();
                            stopped.countDown();
                        },
                        "witness-stop"));
        tell(witness, "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port());
        stopped.await();
        return ExitCodes.DONE;
    }

    private String read(String file) {
        try {
            return SmallFile.readText(invocation.path(file), MAX_KEYS_BYTES);
        } catch (IOException e) {
            throw new Refused(
                    Problem.INVALID,
                    "The file named with --log cannot be read; see that it is there, and text, of less than 1 MiB.");
        }
    }

    private void tell(Witness witness, String url) {
        if (json) {
            ObjectNode document =
                    JsonNodeFactory.instance.objectNode().put("url", url).put("key", witness.verifierKey());
            witness.origins().stream().sorted().forEach(document.putArray("logs")::add);
            invocation.out().println(document);
            invocation.out().flush();
            return;
        }
        invocation.out().println("The witness listens. In vault.yaml of each vault it watches:");
        invocation.out().println();
        invocation.out().println("log:");
        invocation.out().println("  witnesses:");
        invocation.out().println("    - url: " + url);
        invocation.out().println("      key: " + witness.verifierKey());
        invocation.out().println();
        if (witness.origins().isEmpty()) {
            invocation
                    .out()
                    .println("It knows no log yet: start it with --log and a copy of a vault's published/log.vkey.");
        } else {
            invocation.out().println("It knows: " + String.join(", ", witness.origins()));
        }
    }
}

package org.patronvault.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.terminal.Prompt;
import org.patronvault.testing.OpenVault;

class SocketServerTest {

    /** A seal of a server that then ends itself is such a command. */
    @Test
    void commandUnderWayWhileTheServerEndsIsAnsweredAllTheSame() {
        try (OpenVault vault = OpenVault.onSqlite();
                SocketServer server = SocketServer.start(vault.home(), vault.vault())) {
            Prompt endsTheServer = (question, echo) -> {
                Thread end = new Thread(server::close);
                end.start();
                join(end);
                return Optional.of("a passphrase of nobody");
            };

            ByteArrayOutputStream told = new ByteArrayOutputStream();

            SocketClient.handOver(vault.home(), new String[] {"unseal"}, at(endsTheServer, told), Map.of());

            assertThat(told.toString(StandardCharsets.UTF_8)).contains("No slot opens");
        }
    }

    /** For as long as it takes to end who does not wait, and no longer: here it waits for this very command. */
    private static void join(Thread end) {
        try {
            end.join(300);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Invocation at(Prompt terminal, OutputStream told) {
        return new Invocation(
                new PrintStream(OutputStream.nullOutputStream()),
                new PrintStream(told, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                Path.of(""),
                Map.of(),
                Map.of(),
                true,
                terminal,
                Optional.empty(),
                Optional.empty());
    }
}

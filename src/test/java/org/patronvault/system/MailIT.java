package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.Skips;

/** The package's programs that mail, at a real mail server, which prints what it is given. */
final class MailIT {
    private static final Path PROGRAMS = Path.of("src/deb").toAbsolutePath();
    private static final String TO = "it@library.example";

    @TempDir
    private Path directory;

    private Process server;
    private Path received;

    @BeforeEach
    void receive() throws Exception {
        Skips.unless(isThere("aiosmtpd") && isThere("curl"), "aiosmtpd or curl is not installed");
        int port;
        try (ServerSocket any = new ServerSocket(0)) {
            port = any.getLocalPort();
        }
        received = directory.resolve("received");
        ProcessBuilder receiver = new ProcessBuilder(
                        "aiosmtpd", "-n", "-l", "127.0.0.1:" + port, "-c", "aiosmtpd.handlers.Debugging", "stdout")
                .redirectErrorStream(true)
                .redirectOutput(received.toFile());
        receiver.environment().put("PYTHONUNBUFFERED", "1");
        server = receiver.start();
        Instant until = Instant.now().plus(Duration.ofSeconds(30));
        while (!listens(port)) {
            assertThat(Instant.now()).as("the mail server does not listen").isBefore(until);
            Thread.onSpinWait();
        }
        Files.writeString(
                directory.resolve("settings"),
                "# Of curl.\nurl = \"smtp://127.0.0.1:" + port + "\"\nmail-from = \"vault@library.example\"\n");
    }

    private static boolean isThere(String program) {
        return VaultProcess.command(Map.of(), "sh", "-c", "command -v " + program)
                        .exit()
                == 0;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        if (server != null) {
            server.destroy();
            server.waitFor();
        }
    }

    @Test
    void whatIsReadIsMailedWithWhoItIsFromAndFor() throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "{\"alert\":\"decoy-opened\"}\n.\nå\n");

        VaultProcess.Ran mailed = VaultProcess.command(
                settings(), "sh", "-c", "'" + PROGRAMS + "/mail' " + TO + " 'Patron Vault: an alert' < " + text);

        assertThat(mailed.exit()).as("%s", mailed).isZero();
        assertThat(mailed.out()).isEmpty();
        assertThat(Files.readString(received, StandardCharsets.UTF_8))
                .contains(
                        "From: vault@library.example", "To: " + TO, "Subject: Patron Vault: an alert", "Message-ID: <")
                .contains("{\"alert\":\"decoy-opened\"}", "\n.\n", "å");
    }

    @Test
    void serverThatTakesNothingIsAFailureThatIsSaid() throws Exception {
        end();

        VaultProcess.Ran mailed = VaultProcess.command(
                settings(), "sh", "-c", "echo text | '" + PROGRAMS + "/mail' " + TO + " 'Patron Vault: an alert'");

        assertThat(mailed.exit()).isNotZero();
        assertThat(mailed.out()).contains("curl").doesNotContain("text");
    }

    @Test
    void doctorIsMailedWhileTheVaultIsSealedOrDoesNotRunAndNotOtherwise() throws Exception {
        try (RunningVault vault = RunningVault.create()) {
            Files.writeString(directory.resolve("defaults"), "PATRON_VAULT_MAIL_TO=" + TO + "\n");
            Map<String, String> environment = vault.environment();
            environment.putAll(settings());
            environment.put("DEFAULTS", directory.resolve("defaults").toString());
            environment.put("PATRON_VAULT", program(List.of()).toString());

            assertThat(look(environment)).contains("note  service", "systemctl start patron-vault", "To: " + TO);
            vault.startSealed();
            assertThat(look(environment)).contains("note  sealed", "patron-vault unseal");

            environment.put(
                    "PATRON_VAULT",
                    program(List.of("note  disk 900 MiB", "fine  keys Good.")).toString());
            assertThat(look(environment)).isEmpty();
            environment.put(
                    "PATRON_VAULT",
                    program(List.of("fine  keys Good.", "wrong tls The certificate ends."))
                            .toString());
            assertThat(look(environment))
                    .contains("wrong tls The certificate ends.")
                    .doesNotContain("Good");
            environment.put("PATRON_VAULT", "/bin/false");
            assertThat(look(environment)).contains("doctor ended with 1");
            environment.put("PATRON_VAULT_HOME", directory.resolve("none").toString());
            environment.put("PATRON_VAULT", program(List.of()).toString());
            assertThat(look(environment)).contains("doctor ended with 5", "init");
        }
    }

    /** What is received when the doctor's lines are looked at. */
    private String look(Map<String, String> environment) throws IOException {
        String before = Files.readString(received, StandardCharsets.UTF_8);
        VaultProcess.Ran looked = VaultProcess.command(
                environment, PROGRAMS.resolve("mail-doctor").toString());
        assertThat(looked.exit()).as("%s", looked).isZero();
        assertThat(looked.out()).isEmpty();
        return Files.readString(received, StandardCharsets.UTF_8).substring(before.length());
    }

    /** The program of the package: that which is tested, or one that says those lines. */
    private Path program(List<String> lines) throws IOException {
        Path program = directory.resolve("patron-vault");
        String does = lines.isEmpty()
                ? "exec '" + String.join("' '", VaultProcess.java()) + "' -jar '" + VaultProcess.jar() + "' \"$@\"\n"
                : "cat <<'END'\n" + String.join("\n", lines) + "\nEND\n";
        Files.writeString(program, "#!/bin/sh\n" + does);
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }

    private Map<String, String> settings() {
        return new java.util.HashMap<>(
                Map.of("MAIL_SETTINGS", directory.resolve("settings").toString()));
    }
}

package org.patronvault.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.patronvault.app.DemoHome;
import org.patronvault.app.Home;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.HeapGuard;
import org.patronvault.cli.command.Invocation;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that serves a demonstration vault. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Serves a throw-away vault with made-up patrons and one account for each role.")
final class DemoCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(names = "--port", paramLabel = "PORT", description = "Which port (default: 8080; 0 for any free one).")
    private int port = 8080;

    DemoCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws InterruptedException {
        HeapGuard.require();
        Path directory = temporary();
        VaultInstance vault;
        try {
            vault = DemoHome.create(directory, Clock.system(ZoneId.systemDefault()), ExitCodes::stopAtOnce);
        } catch (RuntimeException e) {
            Home.delete(directory);
            throw e;
        }
        WebSettings web =
                new WebSettings("127.0.0.1", port, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE);
        ServeCommand.RunningService serving;
        try {
            serving = ServeCommand.RunningService.start(new Home(directory), vault, web, () -> Home.delete(directory));
        } catch (RuntimeException e) {
            vault.close();
            Home.delete(directory);
            throw e;
        }
        tell(invocation.out(), serving.address());
        serving.untilStopped();
        return ExitCodes.DONE;
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("patron-vault-demo");
        } catch (IOException e) {
            throw new UncheckedIOException("a temporary directory cannot be made", e);
        }
    }

    private static void tell(PrintStream out, String address) {
        out.println("Patron Vault demonstration: " + DemoHome.PATRONS + " made-up patrons, keys that everybody has.");
        out.println();
        out.println(
                "  Open " + address + " and sign in, for example as clerk. A card to look up: " + DemoHome.someCard());
        out.println();
        out.printf("  %-12s %-18s %s%n", "User name", "Role", "Password");
        DemoHome.users()
                .forEach((user, role) -> out.printf("  %-12s %-18s %s%n", user, role, DemoHome.passwordOf(user)));
        out.println();
        out.println("Ctrl-C ends it and removes everything.");
    }
}

package org.patronvault.cli;

import java.nio.file.Path;
import java.util.Map;
import org.patronvault.app.Home;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.RunsInServer;
import picocli.CommandLine;

/** The entry point of the jar. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(Invocation.local(System.getenv(), Path.of("").toAbsolutePath()), args));
    }

    /** Runs one command, or hands it to the server on its home, and returns the exit code. */
    static int run(Invocation here, String... args) {
        CommandLine line = Commands.line(here, args);
        try {
            CommandLine.ParseResult parsed = line.parseArgs(args);
            RunsInServer command = served(parsed);
            if (command != null && !parsed.isUsageHelpRequested() && command.isForServer()) {
                Home home = command.home();
                if (home.exists() && SocketClient.serverRuns(home)) {
                    Map<String, byte[]> secrets = command.secrets();
                    return SocketClient.handOver(home, args, here, secrets);
                }
            }
        } catch (CommandLine.ParameterException e) {
            return ExitCodes.ofUsage(e, here.err());
        } catch (RuntimeException e) {
            return ExitCodes.of(e, here.err());
        }
        return line.execute(args);
    }

    private static RunsInServer served(CommandLine.ParseResult parsed) {
        CommandLine.ParseResult leaf = parsed;
        while (leaf.hasSubcommand()) {
            leaf = leaf.subcommand();
        }
        return leaf.commandSpec().userObject() instanceof RunsInServer command && !leaf.isUsageHelpRequested()
                ? command
                : null;
    }
}

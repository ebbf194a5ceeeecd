package org.patronvault.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.cli.command.Invocation;
import picocli.CommandLine;

/** Commands in the JVM of the test that types them. */
public final class CommandHere {
    private CommandHere() {}

    /** The commands, such as {@code keys slot list}, that have that option. */
    public static Set<String> having(String option) {
        Set<String> found = new TreeSet<>();
        collect(Commands.line(Invocation.local(Map.of(), Path.of("."))), "", option, found);
        return found;
    }

    private static void collect(CommandLine line, String above, String option, Set<String> found) {
        line.getSubcommands().forEach((name, below) -> {
            // One that only leads to others has what they have in common.
            if (below.getSubcommands().isEmpty()
                    && below.getCommandSpec().optionsMap().containsKey(option)) {
                found.add(above + name);
            }
            collect(below, above + name + " ", option, found);
        });
    }

    /**
     * Runs one command as the jar's entry does. Output of other threads, such as a library's logger, counts as the
     * command's. One at a time.
     *
     * @param environment the variables it sees
     * @param directory where its relative paths start
     * @param out gets what is printed on standard output, {@code err} on standard error
     * @return the exit code
     */
    public static synchronized int run(
            Map<String, String> environment, Path directory, Path out, Path err, String... args) throws IOException {
        PrintStream systemOut = System.out;
        PrintStream systemErr = System.err;
        try (PrintStream printed = new PrintStream(Files.newOutputStream(out), true, StandardCharsets.UTF_8);
                PrintStream complained = new PrintStream(Files.newOutputStream(err), true, StandardCharsets.UTF_8)) {
            System.setOut(printed);
            System.setErr(complained);
            return Main.run(Invocation.local(environment, directory), args);
        } finally {
            System.setOut(systemOut);
            System.setErr(systemErr);
        }
    }
}

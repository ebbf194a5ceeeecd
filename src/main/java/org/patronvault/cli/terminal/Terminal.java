package org.patronvault.cli.terminal;

import java.io.Console;
import java.util.Optional;

/** The terminal of the person at the command line, if there is one. */
public final class Terminal {
    private Terminal() {}

    /** From Java 22 on there is a console without a terminal too, and only the console can say so. */
    @SuppressWarnings("SystemConsoleNull")
    public static Optional<Console> console() {
        Console console = System.console();
        if (console == null) {
            return Optional.empty();
        }
        try {
            Object isTerminal = Console.class.getMethod("isTerminal").invoke(console);
            return Boolean.TRUE.equals(isTerminal) ? Optional.of(console) : Optional.empty();
        } catch (NoSuchMethodException before22) {
            return Optional.of(console);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the input after a prompt, without echo. */
    public static Optional<String> ask(String prompt) {
        return ask(prompt, false);
    }

    /** Returns the input after a prompt. */
    public static Optional<String> ask(String prompt, boolean echo) {
        return echo
                ? console().map(c -> c.readLine("%s", prompt))
                : console().map(c -> c.readPassword("%s", prompt)).map(String::new);
    }
}

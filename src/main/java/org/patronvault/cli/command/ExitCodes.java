package org.patronvault.cli.command;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import picocli.CommandLine;

/** The exit codes of commands, each with one sentence on standard error. Scripts can rely on the numbers. */
public final class ExitCodes {
    public static final int DONE = 0;
    public static final int FOUND_WRONG = 1;
    static final int USAGE = 2;
    public static final int REFUSED = 3;
    static final int SEALED = 4;
    static final int CONFLICT = 5;
    public static final int INTERNAL = 70;

    private static final int TOLD_MILLIS = 200;
    private static final int MOST_MEANT = 3;
    private static final int BEGINNING = 3;

    private ExitCodes() {}

    /** Ends the process at once, with the reason, because nothing may be acknowledged any more. */
    public static void stopAtOnce(String why) {
        stopAtOnceSaying("The vault sealed itself and stops: " + why + ".");
    }

    /** Ends the process at once, and prints {@code sentence}. */
    public static void stopAtOnceSaying(String sentence) {
        try {
            // Printed by another thread, because the reader of standard error may block.
            Thread told = new Thread(() -> JsonLog.fail(System.err, sentence));
            told.setDaemon(true);
            told.start();
            told.join(TOLD_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(INTERNAL);
        }
    }

    /** Reports that a thread ended, and where. The failure's message could hold a value and is left out. */
    static void tell(Thread thread, Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        JsonLog.fail(
                System.err,
                "The thread " + thread.getName() + " ended: "
                        + failure.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]));
    }

    public static int of(Throwable failure, PrintStream err) {
        if (failure instanceof Refused refused) {
            JsonLog.fail(err, refused.getMessage());
            return of(refused.problem());
        }
        if (failure instanceof IntegrityException) {
            JsonLog.fail(err, "What is stored did not authenticate (" + failure.getMessage() + "); nothing was done.");
        } else if (failure instanceof StoreException store) {
            JsonLog.fail(err, "The database failed (" + store.getMessage() + "); nothing was done.");
        } else if (failure instanceof UncheckedIOException) {
            JsonLog.fail(err, "A file failed: " + failure.getMessage() + ".");
        } else {
            JsonLog.fail(
                    err, "The vault failed: " + failure.getClass().getName() + " at " + failure.getStackTrace()[0]);
        }
        return INTERNAL;
    }

    private static int of(Problem problem) {
        return switch (problem.kind()) {
            case UNAUTHENTICATED, FORBIDDEN, LIMITED -> REFUSED;
            case SEALED -> SEALED;
            case ABSENT, CONFLICT, STALE, UNCONDITIONAL -> CONFLICT;
            case UNPROCESSABLE, MALFORMED, TOO_LARGE, MEDIA_TYPE, MISDIRECTED, METHOD -> USAGE;
            case UNAVAILABLE -> problem == Problem.SLOT_UNAVAILABLE ? SEALED : INTERNAL;
        };
    }

    /** Names the wrong option, and never the text after it. */
    public static int ofUsage(CommandLine.ParameterException e, PrintStream err) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        if (e instanceof CommandLine.MissingParameterException) {
            err.println(e.getMessage() + ".");
        } else if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
            err.println("There is an option or a word too many" + meant(unmatched) + ".");
        } else if (e.getArgSpec() instanceof CommandLine.Model.OptionSpec option) {
            err.println("The value of " + option.longestName() + " is not one it takes.");
        } else {
            err.println("The command line cannot be read.");
        }
        err.println("See `" + command + " --help`.");
        return USAGE;
    }

    /** Returns the known options that begin like the first unknown one. */
    private static String meant(CommandLine.UnmatchedArgumentException unmatched) {
        String begins = beginning(unmatched.getUnmatched().get(0));
        List<String> near = unmatched.getSuggestions().stream()
                .filter(known -> beginning(known).equals(begins))
                .limit(MOST_MEANT)
                .toList();
        return near.isEmpty() ? "" : " (did you mean " + String.join(" or ", near) + "?)";
    }

    private static String beginning(String word) {
        String letters = word.replaceFirst("^-+", "");
        return letters.substring(0, Math.min(BEGINNING, letters.length()));
    }
}

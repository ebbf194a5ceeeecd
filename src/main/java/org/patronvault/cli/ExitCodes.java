package org.patronvault.cli;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.StoreException;
import picocli.CommandLine;

/** What a command ends with: one sentence on standard error and a number scripts can rely on. */
final class ExitCodes {
    static final int DONE = 0;
    static final int FOUND_WRONG = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;
    static final int SEALED = 4;
    static final int CONFLICT = 5;
    static final int INTERNAL = 70;

    private static final int TOLD_MILLIS = 200;

    private ExitCodes() {}

    /** Nothing may be acknowledged any more: ends the process at once, and says why. */
    static void stopAtOnce(String why) {
        stopAtOnceSaying("The vault sealed itself and stops: " + why + ".");
    }

    /** The same, in these words. */
    static void stopAtOnceSaying(String sentence) {
        try {
            // By another thread: whoever should read it may not.
            Thread told = new Thread(() -> System.err.println(sentence));
            told.setDaemon(true);
            told.start();
            told.join(TOLD_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(INTERNAL);
        }
    }

    /** Says that a thread ended, and where, without the failure's words, which could hold a value. */
    static void tell(Thread thread, Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        System.err.println("The thread " + thread.getName() + " ended: "
                + failure.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]));
    }

    static int of(Throwable failure, PrintStream err) {
        if (failure instanceof Refused refused) {
            err.println(refused.getMessage());
            return of(refused.problem());
        }
        if (failure instanceof IntegrityException) {
            err.println("What is stored did not authenticate (" + failure.getMessage() + "); nothing was done.");
        } else if (failure instanceof StoreException store) {
            err.println("The database failed (" + store.getMessage() + "); nothing was done.");
        } else if (failure instanceof UncheckedIOException) {
            err.println("A file failed: " + failure.getMessage() + ".");
        } else {
            err.println("The vault failed: " + failure.getClass().getName() + " at " + failure.getStackTrace()[0]);
        }
        return INTERNAL;
    }

    private static int of(Problem problem) {
        return switch (problem.kind()) {
            case UNAUTHENTICATED, FORBIDDEN, LIMITED -> REFUSED;
            case SEALED -> SEALED;
            case ABSENT, CONFLICT, STALE, UNCONDITIONAL -> CONFLICT;
            case UNPROCESSABLE, MALFORMED, TOO_LARGE, MEDIA_TYPE, METHOD -> USAGE;
            case UNAVAILABLE -> problem == Problem.SLOT_UNAVAILABLE ? SEALED : INTERNAL;
        };
    }

    /** Says which option, and never what was typed after it. */
    static int ofUsage(CommandLine.ParameterException e, PrintStream err) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        if (e instanceof CommandLine.MissingParameterException) {
            err.println(e.getMessage() + ".");
        } else if (e instanceof CommandLine.UnmatchedArgumentException) {
            err.println("There is an option or a word too many.");
        } else if (e.getArgSpec() instanceof CommandLine.Model.OptionSpec option) {
            err.println("The value of " + option.longestName() + " is not one it takes.");
        } else {
            err.println("The command line cannot be read.");
        }
        err.println("See `" + command + " --help`.");
        return USAGE;
    }
}

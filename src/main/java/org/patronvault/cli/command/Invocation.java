package org.patronvault.cli.command;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.ServeCommand;
import org.patronvault.cli.terminal.Prompt;
import org.patronvault.cli.terminal.Terminal;
import org.patronvault.core.model.Refused;

/**
 * The environment of a command: its streams, the caller's directory and variables, the secrets sent with it, and the
 * server's vault if a server runs it.
 *
 * @param places {@link ServicePaths#here} in the caller's view, or empty if the caller is this process
 * @param terminal whether a person watches standard error
 * @param prompt asks that person
 * @param handedOver contents of secret files by option, absent if this process reads them
 */
public record Invocation(
        PrintStream out,
        PrintStream err,
        InputStream in,
        Path directory,
        Map<String, String> places,
        Map<String, String> environment,
        boolean terminal,
        Prompt prompt,
        Optional<Map<String, byte[]>> handedOver,
        Optional<VaultInstance> server) {

    /** The environment variables that replace options. */
    public static final Map<String, String> VARIABLES = Map.of(
            "--home",
            "PATRON_VAULT_HOME",
            HomeOptions.DATABASE,
            "PATRON_VAULT_DB",
            "--passphrase-file",
            "PATRON_VAULT_PASSPHRASE_FILE",
            "--hsm-pin-file",
            "PATRON_VAULT_HSM_PIN_FILE",
            ServeCommand.LOG_FORMAT,
            "PATRON_VAULT_LOG_FORMAT",
            "--as",
            "PATRON_VAULT_AS",
            "--password-file",
            "PATRON_VAULT_PASSWORD_FILE",
            "--otp-file",
            "PATRON_VAULT_OTP_FILE");

    public static Invocation local(Map<String, String> environment, Path directory) {
        return new Invocation(
                System.out,
                System.err,
                System.in,
                directory,
                Map.of(),
                known(environment),
                Terminal.console().isPresent(),
                Terminal::ask,
                Optional.empty(),
                Optional.empty());
    }

    private static Map<String, String> known(Map<String, String> environment) {
        Map<String, String> known = new HashMap<>();
        for (String name : List.copyOf(VARIABLES.values())) {
            if (environment.containsKey(name) && !environment.get(name).isEmpty()) {
                known.put(name, environment.get(name));
            }
        }
        return known;
    }

    /**
     * Returns a file that the caller named.
     *
     * @throws Refused if the process that runs the command would see another file there
     */
    public Path path(String name) {
        Path path = directory.resolve(name);
        ServicePaths.requireShared(places, path);
        return path;
    }

    /**
     * Returns a directory that the caller named for writing.
     *
     * @throws Refused if it is not writable
     */
    public Path writable(String name) {
        Path named = path(name);
        ServicePaths.requireWritable(named);
        return named;
    }
}

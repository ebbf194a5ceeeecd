package org.patronvault.cli.command;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The secrets that a command names for the process that runs it.
 *
 * @param more options beside people's credentials. They include the unseal secret only if the command needs it for more
 *     than unsealing, because a running server is unsealed.
 */
record SecretOptions(CommandSpec command, List<String> more) {
    private static final List<String> OF_PEOPLE = List.of(
            "--password-file",
            "--otp-file",
            "--second-password-file",
            "--second-otp-file",
            "--new-password-file",
            "--new-passphrase-file");

    /** Reads the secrets in a fixed order, so that several can come from one standard input. */
    Map<String, byte[]> read() {
        Map<String, byte[]> contents = new HashMap<>();
        Stream.concat(OF_PEOPLE.stream(), more.stream())
                .forEach(name -> secret(name).ifPresent(secret -> contents.put(name, secret.bytes())));
        return contents;
    }

    private Optional<SecretSource> secret(String option) {
        OptionSpec spelled = command.findOption(option);
        if (spelled == null || !(spelled.getValue() instanceof SecretSource secret)) {
            return Optional.empty();
        }
        secret.askedAs(option);
        return Optional.of(secret);
    }

    /** Gives the command secrets that were read elsewhere. */
    void supply(Map<String, byte[]> contents) {
        contents.forEach((name, content) -> secret(name).ifPresent(secret -> secret.supply(content)));
    }
}

package org.patronvault.cli.command;

import picocli.CommandLine.Option;

/** Options that this command accepts and ignores, so that scripts can give every command the same options. */
@SuppressWarnings("UnusedVariable")
public final class IgnoredPersonOptions {
    @Option(names = "--as", paramLabel = "NAME", hidden = true)
    private String as;

    @Option(names = "--password-file", paramLabel = "F", hidden = true)
    private SecretSource password;

    @Option(names = "--otp-file", paramLabel = "F", hidden = true)
    private SecretSource otp;
}

/**
 * The parts that all commands share: options, credentials, exit codes and the handover to a server.
 *
 * <p>A command extends {@code VaultCommand}. Its {@code call} decides whether a server already runs on the home. If
 * so, the server runs the command. Otherwise {@code KeyOptions} opens the vault in this process. {@code run} does the
 * work, for a person whose credentials come from files or the terminal. {@code ExitCodes} turns a refusal into one
 * sentence and a number.
 */
package org.patronvault.cli.command;

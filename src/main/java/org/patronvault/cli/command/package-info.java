/**
 * The parts that all commands share: options, credentials, exit codes and the handover to a server.
 *
 * <p>A command extends {@code VaultCommand}. Its {@code call} decides whether a server already runs on the home. If
 * so, the server runs the command. Otherwise {@code KeyOptions} opens the vault in this process.
 * {@code CredentialPrompt} reads the person's credentials, and {@code run} does the work. {@code ExitCodes} turns a
 * refusal into one sentence and a number.
 */
package org.patronvault.cli.command;

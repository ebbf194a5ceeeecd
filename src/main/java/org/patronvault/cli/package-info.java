/**
 * The commands. {@link org.patronvault.cli.Main} parses a line. A command on a vault goes to the server on its home,
 * over a Unix socket that only the owner can open. Without a server it runs in this process on a vault it opens itself.
 * Both ways run the same code. Secrets come from files, standard input or the terminal, never from the command line.
 * {@code ExitCodes} turns every refusal into one sentence and an exit code.
 */
package org.patronvault.cli;

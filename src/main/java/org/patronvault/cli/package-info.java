/**
 * The commands. {@link org.patronvault.cli.Main} parses a line; a command that acts on a vault is handed to the server
 * that runs on the home, over a Unix socket only the owner can open, or else runs in this process on a vault it opens
 * itself: either way by the same code, so that there is one truth. Secrets come from files, standard input or the
 * terminal and never from the command line. Refusals become one sentence and an exit code in
 * {@code ExitCodes}, the only place where they meet.
 */
package org.patronvault.cli;

/**
 * The terminal of the person who typed a command.
 *
 * <p>A command asks {@code Prompt} for a line or a secret. If a server runs the command, the question travels to the
 * client's {@code Terminal} and the answer travels back. {@code StepProgress} draws a bar on a terminal and prints
 * plain lines elsewhere.
 */
package org.patronvault.cli.terminal;

/**
 * Commands that import, export, erase and protect patrons.
 *
 * <p>Each command opens its input or output file first, then calls one use case of {@code patron} or {@code privacy}.
 * {@code ImportProgress} shows the progress of a long import.
 */
package org.patronvault.cli.patrons;

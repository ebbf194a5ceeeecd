/**
 * The code that must be right for the three promises.
 *
 * <p>A use case outside asks {@code core.policy} whether the caller may act. It writes its act to the log in
 * {@code core.log}. With the receipt of that log it opens fields through {@code core.vault}. An act that one person
 * must not do alone waits in {@code core.dual}. {@code ArchitectureTest} prints the size of the core, and the classes
 * outside that it still uses.
 */
package org.patronvault.core;

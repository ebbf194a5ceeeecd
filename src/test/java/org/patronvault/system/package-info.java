/**
 * The delivered jar from outside: real processes, real HTTP, a real socket, real files. A test asks {@code
 * RunningVault} for a vault of its own (a copy of one home made once), starts it, signs in, and calls it; what comes
 * back is an {@code Answer} of the service or a {@code Ran} command. Every output of every process stays below the
 * vault's temporary directory, so that a test can search all of it.
 */
package org.patronvault.system;

/**
 * Integrity checks of patrons, and work that writes patrons again without changing them.
 *
 * <p>{@code PatronIntegrityCheck} compares each stored patron with {@code LastWrites}, the hashes that the log
 * remembers. {@code IndexIntegrityCheck} compares the index with the patrons. {@code PatronReencryption},
 * {@code PatronReindexing} and {@code PatronRestoration} prepare a batch and write it through {@code PatronRowRewrite}
 * with a log entry.
 */
package org.patronvault.patron.check;

/**
 * The use cases around one patron: register, look up, reveal, verify, change, replace the card, erase, import.
 *
 * <p>One look-up in one call ({@link org.patronvault.patron.Lookup}): ask the policy, probe the index, read the rows,
 * ask the policy again with each row, put what will be opened into the log, and with the receipt that comes back open
 * it. {@link org.patronvault.patron.PatronVault} is the only class that opens a field, and it asks for the receipt.
 * Changes open what they need the same way, seal what is new, and write by compare-and-set, so that of two changes at
 * the same time one is told to look again.
 */
package org.patronvault.patron;

/**
 * The use cases around one patron: register, look up, reveal, verify, change, replace the card, erase, import.
 *
 * <p>A look-up is one call ({@link org.patronvault.patron.lookup.Lookup}). It asks the policy, searches the index,
 * reads the rows, and asks the policy again with each row. It logs the fields to be opened, and opens them with the
 * receipt of the log. {@link org.patronvault.core.vault.PatronVault} is the only class that opens a field, and it
 * demands the receipt. Changes open the fields they need in the same way, encrypt the new values, and write by
 * compare-and-set. If two changes concur, one is refused and must be repeated.
 */
package org.patronvault.patron;

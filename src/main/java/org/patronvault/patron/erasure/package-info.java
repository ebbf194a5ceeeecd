/**
 * Erasure of patrons and merging of duplicates.
 *
 * <p>A request enters the {@code ErasureRegister} and waits for a confirmation. {@code ErasureLimit} counts erasures
 * for each day. {@code Erasure} deletes the rows and index entries, logs the act, and signs an
 * {@code ErasureCertificate}. After a restore, {@code LedgerReplay} erases again each patron that {@code keys/ledger}
 * names.
 */
package org.patronvault.patron.erasure;

/**
 * Notes of the log that the file {@code keys/ledger} must remember.
 *
 * <p>{@code LedgerNotes} picks the entries that a restored database must not undo: erasures, withdrawn consents and
 * revoked access. After a restore, {@code LedgerObligations} adds up the lines of the file. The result is a
 * {@code RestoreObligations}, which the restore carries out.
 */
package org.patronvault.core.log.ledger;

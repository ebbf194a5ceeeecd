/**
 * What custodians do with keys while the desk keeps working. They never see a patron.
 *
 * <p>{@link org.patronvault.custody.KeyStatus} counts what hangs on each key version.
 * {@link org.patronvault.custody.Rotation} makes a new primary version at once, which new values are sealed under from
 * then on, and rewraps the old ones behind it in batches, each a unit with a log entry; its state is a row, so that a
 * killed rotation goes on where it was. {@link org.patronvault.custody.SealControl} opens and closes the vault.
 */
package org.patronvault.custody;

/**
 * What custodians do with keys while the desk keeps working. They never see a patron.
 *
 * <p>{@link org.patronvault.custody.KeyStatus} counts what hangs on each key version.
 * {@link org.patronvault.custody.Rotations} knows what can be rotated, and {@link org.patronvault.custody.Operations} keeps
 * such work going: {@link org.patronvault.custody.KeyOperation} makes the new primary version at once, in the unit that begins it,
 * and then moves the old values behind it in batches, each a unit with a log entry that holds the operation's row too, so
 * that killed work goes on where it was, here or on another server. {@link org.patronvault.custody.KeySchedule} begins what is
 * due by itself, and says what two custodians ought to destroy. {@link org.patronvault.custody.SealControl} opens and
 * closes the vault, and {@link org.patronvault.custody.AutoUnseal} has its HSM or KMS open it.
 */
package org.patronvault.custody;

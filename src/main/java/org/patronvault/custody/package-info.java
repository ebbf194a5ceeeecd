/**
 * The custodians' work on keys, while the desk keeps working. Custodians never see a patron.
 *
 * <p>{@link org.patronvault.custody.destroy.KeyStatus} counts the values that need each key version.
 * {@link org.patronvault.custody.rotate.Rotations} lists the rotations, and
 * {@link org.patronvault.custody.rotate.Operations} runs them. {@link org.patronvault.custody.rotate.KeyOperation}
 * makes the new primary version in the act that begins the work. Then it moves the old values in batches. Each batch
 * is an act with a log entry and the operation's row, so killed work continues where it was, on any server.
 * {@link org.patronvault.custody.destroy.KeySchedule} starts due rotations automatically, and shows what two custodians
 * ought to destroy. {@link org.patronvault.custody.slot.SealControl} opens and closes the vault.
 * {@link org.patronvault.custody.slot.AutoUnseal} lets its HSM or KMS open it.
 */
package org.patronvault.custody;

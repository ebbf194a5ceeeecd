/**
 * Witnesses of the log: signatures from outside, and the vault as a witness.
 *
 * <p>After each checkpoint, {@code Witnesses} lets one {@code WitnessCosigning} for each witness run in its own
 * thread. It sends the checkpoint with a proof and checks the signature in the answer. If a witness falls behind,
 * {@code OngoingAlert} logs it. {@code Witness} is the other side: it signs checkpoints of the logs it knows.
 */
package org.patronvault.log.witness;

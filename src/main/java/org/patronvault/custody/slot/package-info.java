/**
 * Opening and closing the vault, and the slots that can open it.
 *
 * <p>A person offers a passphrase or a share to {@code SealControl}. {@code NetworkPassphrases} limits how often a
 * network may try passphrases. If the root key opens the ring, {@code SealState} records the unseal and the vault
 * serves. {@code AutoUnseal} does the same with an HSM or KMS. {@code Slots} adds and removes slots, and {@code Drills}
 * proves that the holders can still open them.
 */
package org.patronvault.custody.slot;

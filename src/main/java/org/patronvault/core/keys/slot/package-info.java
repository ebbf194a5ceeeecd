/**
 * Slots: the ways to recover the root key.
 *
 * <p>{@code SlotMaker} creates slots for a root key in memory. {@code SlotsFile} stores them. To unseal, a
 * {@code Slot} recovers its slot key from a passphrase, shares, an HSM or a KMS, and the slot key opens the root key.
 * {@code SlotKdf} runs Argon2id for one attempt at a time.
 */
package org.patronvault.core.keys.slot;

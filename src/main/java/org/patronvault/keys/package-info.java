/**
 * Custody of the keys: a root key that lives only in memory, slots that can bring it back, and the key ring that it
 * seals.
 *
 * <p>{@link org.patronvault.keys.KeyCustody} is one vault's {@code keys/} directory. Unsealing asks a slot for the root
 * key, opens the ring under it and gives {@link org.patronvault.keys.UnsealedKeys}: ready primitives, one for each duty,
 * made from one state of the ring. A change of the ring makes a new state, writes it durably, and only then is it used.
 * Sealing wipes what is ours and drops the rest. No other package sees a key's bytes.
 */
package org.patronvault.keys;

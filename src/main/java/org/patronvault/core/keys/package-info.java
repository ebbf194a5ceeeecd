/**
 * Custody of the keys: a root key that exists only in memory, slots that can recover it, and the key ring that it
 * seals.
 *
 * <p>{@link org.patronvault.core.keys.KeyCustody} is one vault's {@code keys/} directory. Unsealing gets the root key
 * from a slot and opens the ring under it. The result is {@link org.patronvault.core.keys.ring.UnsealedKeys}: ready
 * primitives, one for each duty, made from one state of the ring. A change makes a new state of the ring, which is on
 * disk before it is used. Sealing wipes the secret bytes and drops the rest. No other package sees a key's bytes.
 */
package org.patronvault.core.keys;

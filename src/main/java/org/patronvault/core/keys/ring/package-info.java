/**
 * The key ring and the primitives made from it.
 *
 * <p>{@code RingFile} holds the ring sealed under the root key. Once the root key is known, it opens a
 * {@code KeyRing}, an immutable set of {@code RingKey} versions. {@code UnsealedKeys} makes one ready primitive for
 * each duty from it. {@code FieldKeys} and {@code CaseKeys} seal and open envelopes. A change creates a new ring with
 * the next {@code RingRevision}.
 */
package org.patronvault.core.keys.ring;

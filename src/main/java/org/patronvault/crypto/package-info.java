/**
 * The stored forms: how a value becomes an envelope, how anything else is sealed, and how both are opened again. Holds
 * no key: every call brings its own, from {@code keys}.
 *
 * <p>One field of one patron, on its way in: {@link org.patronvault.crypto.EnvelopeCipher#seal} asks
 * {@link org.patronvault.crypto.EnvelopeContext} for the strings P and W, which
 * {@link org.patronvault.crypto.CanonicalBytes} builds; {@link org.patronvault.crypto.Padding} brings the value to one
 * of at most three lengths; a fresh DEK encrypts it bound to P, commits to itself, is wrapped by the
 * {@link org.patronvault.crypto.Kek} bound to W, and is wiped; {@link org.patronvault.crypto.Envelope} lays the parts
 * out. On its way out the same classes are met in the opposite order, the commitment is checked before anything of the
 * patron is decrypted, and every fault is one {@link org.patronvault.model.IntegrityException}.
 *
 * <p>Everything that is sealed and is not a patron's field (key ring, slots, log subjects, cells) is a
 * {@link org.patronvault.crypto.SealedBox}; a posting of the search index is a {@link org.patronvault.crypto.SivBox}
 * under a label from {@link org.patronvault.crypto.Prf}; a row that carries authority has a
 * {@link org.patronvault.crypto.RowMac}; checkpoints and certificates are signed by
 * {@link org.patronvault.crypto.SigningKey}; a passphrase becomes a key through
 * {@link org.patronvault.crypto.Argon2id}, and shares give one back through {@link org.patronvault.crypto.Shamir}.
 *
 * <p>No public method takes a nonce. All classes are safe for use by many threads unless they say otherwise. Arrays of
 * keys that this package makes are zeroed after use; copies inside Tink, the JDK and BouncyCastle live until they are
 * collected, and those of Conscrypt, outside Java's heap, until something else comes to lie there. The bytes are described
 * in {@code format.md}.
 */
package org.patronvault.crypto;

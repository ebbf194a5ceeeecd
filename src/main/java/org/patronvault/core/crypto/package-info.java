/**
 * The cryptographic formats: envelopes for values of patrons, boxes for everything else. The package holds no key: each
 * call brings its own, from {@code keys}.
 *
 * <p>{@link org.patronvault.core.crypto.EnvelopeCipher#seal} encrypts one field of one patron.
 * {@link org.patronvault.core.crypto.EnvelopeContext} gives the strings P and W, which
 * {@link org.patronvault.core.crypto.CanonicalBytes} builds. {@link org.patronvault.core.crypto.Padding} brings the
 * value to one of at most three lengths. A fresh DEK encrypts the value bound to P, and commits to itself. The
 * {@link org.patronvault.core.crypto.Kek} wraps the DEK bound to W, and the DEK is wiped.
 * {@link org.patronvault.core.crypto.Envelope} joins the parts. Decryption uses these classes in the opposite order. It
 * checks the commitment before it decrypts anything of the patron. Every fault is one
 * {@link org.patronvault.core.model.IntegrityException}.
 *
 * <p>All other encrypted data (key ring, slots, log subjects, cells) is a
 * {@link org.patronvault.core.crypto.SealedBox}. A posting of the search index is a
 * {@link org.patronvault.core.crypto.SivBox} under a label from {@link org.patronvault.core.crypto.Prf}. A row that
 * carries authority has a {@link org.patronvault.core.crypto.RowMac}. {@link org.patronvault.core.crypto.SigningKey}
 * signs checkpoints and certificates. {@link org.patronvault.core.crypto.Argon2id} makes a key from a passphrase, and
 * {@link org.patronvault.core.crypto.Shamir} from shares.
 *
 * <p>No public method takes a nonce. All classes are thread-safe unless they say otherwise. Key arrays that this
 * package makes are zeroed after use. Copies inside Tink, the JDK and BouncyCastle live until they are collected.
 * Conscrypt's copies, outside Java's heap, live until they are overwritten. {@code format.md} describes the bytes.
 */
package org.patronvault.core.crypto;

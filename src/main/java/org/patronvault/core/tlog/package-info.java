/**
 * The transparency log under the access log: an append-only Merkle tree (RFC 6962) with the C2SP text and tile formats.
 * Pure: no I/O, no clock, no private key, and only the JDK. So a verifier on another machine is this package and little
 * else.
 *
 * <p>A leaf comes in as bytes. {@link org.patronvault.core.tlog.MerkleHash#leaf} hashes it, and
 * {@link org.patronvault.core.tlog.Frontier#append} takes the hash into the running tree. A
 * {@link org.patronvault.core.tlog.Checkpoint} states the {@link org.patronvault.core.tlog.Frontier#root}.
 * {@link org.patronvault.core.tlog.SignedNote#sign} adds a signature to the checkpoint's text, which a
 * {@link org.patronvault.core.tlog.NoteSigner} outside makes. {@link org.patronvault.core.tlog.NoteSignature#cosign}
 * adds a witness's. As leaves fill up, {@link org.patronvault.core.tlog.Tiles#completed} says which
 * {@link org.patronvault.core.tlog.Tile}s are due.
 *
 * <p>In the other direction, {@link org.patronvault.core.tlog.Proofs} prove that a leaf is in the tree, or that one
 * tree begins with another. They read hashes from a {@link org.patronvault.core.tlog.HashReader}, such as a
 * {@link org.patronvault.core.tlog.TileReader}. {@link org.patronvault.core.tlog.TlogProof} puts a proof in a file.
 *
 * <p>Input from outside is first parsed, which fails with {@link org.patronvault.core.tlog.MalformedException}. It is
 * then verified, which fails with {@link org.patronvault.core.tlog.UnverifiedException}. The types before and after
 * differ ({@link org.patronvault.core.tlog.SignedNote}, {@link org.patronvault.core.tlog.VerifiedNote}).
 */
package org.patronvault.core.tlog;

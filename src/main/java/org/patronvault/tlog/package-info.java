/**
 * The transparency log under the access log: an append-only Merkle tree (RFC 6962) with the C2SP text and tile formats.
 * Pure: no I/O, no clock, no private key, and only the JDK. So a verifier on another machine is this package and little
 * else.
 *
 * <p>A leaf comes in as bytes. {@link org.patronvault.tlog.MerkleHash#leaf} hashes it, and
 * {@link org.patronvault.tlog.Frontier#append} takes the hash into the running tree. A
 * {@link org.patronvault.tlog.Checkpoint} states the {@link org.patronvault.tlog.Frontier#root}.
 * {@link org.patronvault.tlog.SignedNote#sign} adds a signature to the checkpoint's text, which a
 * {@link org.patronvault.tlog.NoteSigner} outside makes. {@link org.patronvault.tlog.NoteSignature#cosign} adds a
 * witness's. As leaves fill up, {@link org.patronvault.tlog.Tiles#completed} says which
 * {@link org.patronvault.tlog.Tile}s are due.
 *
 * <p>In the other direction, {@link org.patronvault.tlog.Proofs} prove that a leaf is in the tree, or that one tree
 * begins with another. They read hashes from a {@link org.patronvault.tlog.HashReader}, such as a
 * {@link org.patronvault.tlog.TileReader}. {@link org.patronvault.tlog.TlogProof} puts a proof in a file.
 *
 * <p>Input from outside is first parsed, which fails with {@link org.patronvault.tlog.MalformedException}. It is then
 * verified, which fails with {@link org.patronvault.tlog.UnverifiedException}. The types before and after differ
 * ({@link org.patronvault.tlog.SignedNote}, {@link org.patronvault.tlog.VerifiedNote}).
 */
package org.patronvault.tlog;

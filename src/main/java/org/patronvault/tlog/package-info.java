/**
 * The transparency log under the access log: an append-only Merkle tree (RFC 6962) and the C2SP text and tile formats
 * around it. Pure: no I/O, no clock, no private key, nothing but the JDK, so that a verifier on another machine is this
 * package and little else.
 *
 * <p>A leaf comes in as bytes. {@link org.patronvault.tlog.MerkleHash#leaf} hashes it,
 * {@link org.patronvault.tlog.Frontier#append} takes the hash into the running tree, and
 * {@link org.patronvault.tlog.Frontier#root} is what a {@link org.patronvault.tlog.Checkpoint} states.
 * {@link org.patronvault.tlog.SignedNote#sign} puts a signature under the checkpoint's text, which a
 * {@link org.patronvault.tlog.NoteSigner} outside makes, and {@link org.patronvault.tlog.NoteSignature#cosign} a
 * witness's. As leaves fill up, {@link org.patronvault.tlog.Tiles#completed} says which
 * {@link org.patronvault.tlog.Tile}s are due.
 *
 * <p>The other way, a {@link org.patronvault.tlog.HashReader}, for example a {@link org.patronvault.tlog.TileReader}, lets
 * {@link org.patronvault.tlog.Proofs} prove that a leaf is in the tree or that one tree begins with another, and
 * {@link org.patronvault.tlog.TlogProof} puts such a proof in a file.
 *
 * <p>What arrives from outside is first parsed, which fails with {@link org.patronvault.tlog.MalformedException}, and then
 * verified, which fails with {@link org.patronvault.tlog.UnverifiedException}; the types before and after differ
 * ({@link org.patronvault.tlog.SignedNote}, {@link org.patronvault.tlog.VerifiedNote}).
 */
package org.patronvault.tlog;

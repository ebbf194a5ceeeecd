/**
 * The Merkle tree of the log, its checkpoints, and their verification.
 *
 * <p>{@code VerifiedTree} hashes each committed leaf that this process reads back. {@code CheckpointSigner} signs its
 * root and publishes the checkpoint. {@code LogAnchor} keeps size and root in {@code node/head}. At a start,
 * {@code LogComparison} compares the database with the anchor and the published files. {@code LogVerifier} checks a
 * whole log, stored or exported, with no key of the vault.
 */
package org.patronvault.core.log.tree;

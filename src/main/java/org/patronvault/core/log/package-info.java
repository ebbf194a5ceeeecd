/**
 * The access log and the one way to write: no disclosure and no change without a durable entry.
 *
 * <p>Everything that discloses or changes is a {@link org.patronvault.core.log.Act}.
 * {@link org.patronvault.core.log.AuditLog#submit} queues it. One thread, the engine, runs all waiting acts in one
 * transaction, whose first statement locks the log's head: each decides by the rows as they are then, and ends with a
 * {@link org.patronvault.core.log.Decision}. The thread appends their leaves to the Merkle tree, commits, and only then
 * has their callers answered, by the {@link org.patronvault.core.log.AuditReceipt}s of their entries. A receipt cannot be
 * made anywhere else, and every way to a plaintext requires one. What a refused act wrote is undone, unless it is to
 * count; its refusal is logged in the same transaction.
 *
 * <p>Beside it the checkpointer reads back the committed entries, extends this node's own tree by them, compares, and
 * signs. {@link org.patronvault.core.log.tree.LogVerifier} needs no key and trusts nothing but bytes and signatures.
 */
package org.patronvault.core.log;

/**
 * The access log and the one way to write: no disclosure and no change without a durable entry.
 *
 * <p>Every act that discloses or changes is one {@link org.patronvault.core.log.Unit}: its log entry, its limits, and
 * its rows. {@link org.patronvault.core.log.AuditLog#append} queues the unit. One thread, the appender, runs all
 * waiting units in one transaction, whose first statement locks the log's head. It appends their leaves to the Merkle
 * tree, commits, and only then completes their callers with an {@link org.patronvault.core.log.AuditReceipt}. A receipt
 * cannot be made anywhere else, and every way to a plaintext requires one. A refused unit writes no rows, and its
 * refusal is logged in the same transaction.
 *
 * <p>Beside it the checkpointer reads back the committed entries, extends this node's own tree by them, compares, and
 * signs. {@link org.patronvault.core.log.tree.LogVerifier} needs no key and trusts nothing but bytes and signatures.
 */
package org.patronvault.core.log;

/**
 * The access log and the one way to write: no disclosure and no change without a durable entry.
 *
 * <p>Every act that discloses or changes is one {@link org.patronvault.audit.Unit}: what will be logged, the limits it
 * counts against, and the rows it writes. {@link org.patronvault.audit.AuditLog#append} queues it; the appender, one
 * thread, takes all that wait, runs them in one transaction whose first statement locks the log's head, appends their
 * leaves to the Merkle tree, commits, and only then completes their callers with an
 * {@link org.patronvault.audit.AuditReceipt}. A receipt cannot be made anywhere else, and the only way to a plaintext
 * asks for one. A unit that is refused leaves its rows unwritten and a refusal in the log, in the same transaction.
 *
 * <p>Beside it the checkpointer reads back what was committed, extends this node's own tree by it, compares, and signs.
 * {@link org.patronvault.audit.LogVerifier} needs no key and trusts nothing but bytes and signatures.
 */
package org.patronvault.audit;

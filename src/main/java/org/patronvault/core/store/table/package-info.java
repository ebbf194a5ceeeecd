/**
 * Transactions and the tables they give access to.
 *
 * <p>A caller gets a {@code Tx} to read or a {@code WriteTx} to write, and asks it for a group of tables, such as
 * {@code PatronRows}. Each class knows one group.
 */
package org.patronvault.core.store.table;

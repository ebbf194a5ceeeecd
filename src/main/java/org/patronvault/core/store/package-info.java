/**
 * The database access of the vault: all SQL. Knows IDs, bytes and times, never a plaintext and never a key.
 *
 * <p>{@link org.patronvault.core.store.Store} opens the database, brings its schema up to date and refuses settings
 * that are weaker than promised. A caller reads inside {@link org.patronvault.core.store.Store#read}, which is one
 * snapshot. It writes inside {@link org.patronvault.core.store.Store#write}, whose first statement locks the head of
 * the access log. So the log orders writes, on SQLite and PostgreSQL alike. Both give the caller a
 * {@link org.patronvault.core.store.table.Tx} with one small object for each group of tables. The differences between
 * the two databases are in {@code Dialect}.
 */
package org.patronvault.core.store;

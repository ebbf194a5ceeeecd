/**
 * All SQL. Knows ids, bytes and times, never a plaintext and never a key.
 *
 * <p>{@link org.patronvault.store.Store} opens the database, brings its schema up to date and refuses settings that
 * are weaker than promised. A caller reads inside {@link org.patronvault.store.Store#read}, which is one snapshot, or
 * writes inside {@link org.patronvault.store.Store#write}, whose first statement locks the head of the access log: so
 * writes are ordered by the log, on SQLite and PostgreSQL alike. Either way it gets a {@link org.patronvault.store.Tx}
 * with one small object for each group of tables. What differs between the two databases is in {@code Dialect}.
 */
package org.patronvault.store;

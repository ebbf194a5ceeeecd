/**
 * SQLite: connections and files.
 *
 * <p>{@code SqliteSource} opens connections with the promised durability. {@code DatabaseFiles} checks that the files
 * are still the ones this process opened. {@code WalCheckpoints} moves committed pages into the database, and empties
 * the write-ahead log after an erasure.
 */
package org.patronvault.store.sqlite;

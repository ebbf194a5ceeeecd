/**
 * SQLite: connections, files and deleted bytes.
 *
 * <p>{@code SqliteSource} opens connections with the promised durability. {@code DatabaseFiles} checks that the files
 * are still the ones this process opened. {@code PageCleaning} finds pages with deleted bytes, as {@code WrittenPages}
 * lists them, and overwrites the bytes.
 */
package org.patronvault.store.sqlite;

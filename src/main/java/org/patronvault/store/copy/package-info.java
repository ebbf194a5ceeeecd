/**
 * Copies of a database: snapshots, moves to PostgreSQL, and their comparison.
 *
 * <p>{@code StoreCopy} copies a database into one SQLite file while others write. {@code MoveTarget} loads each table
 * with {@code TableLoader} into PostgreSQL, and {@code TableEquality} compares the two row by row.
 * {@code PreUpgradeCopy} keeps the database as it was before a new version changes its tables.
 */
package org.patronvault.store.copy;

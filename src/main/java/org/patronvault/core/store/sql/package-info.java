/**
 * The common ground of both databases: dialect, statements, errors and settings.
 *
 * <p>{@code StoreSettings} names the database and chooses a {@code Dialect}. Table classes run their statements
 * through {@code Jdbc} and {@code KeysetScan}, and ask the {@code Dialect} where the databases differ. Each failure
 * becomes a {@code StoreException} without SQL or values.
 */
package org.patronvault.core.store.sql;

/**
 * PostgreSQL: connections, errors, durability and binary rows.
 *
 * <p>{@code PostgresUrl} completes the configured URL, and {@code PostgresSource} opens connections with it.
 * {@code PostgresSession} prepares each session. {@code PostgresDurability} refuses a server whose settings could lose
 * a commit. {@code PostgresStates} translates its errors.
 */
package org.patronvault.store.postgres;

/**
 * Puts a vault together: {@link org.patronvault.app.Home} knows where its files are,
 * {@link org.patronvault.app.Settings} what {@code vault.yaml} says, {@link org.patronvault.app.VaultInstance} wires
 * store, keys, log, rules and use cases, and {@link org.patronvault.app.Service} serves them over HTTP.
 */
package org.patronvault.app;

/**
 * The assembly of a vault. {@link org.patronvault.app.Home} locates its files, and {@link org.patronvault.app.Settings}
 * reads {@code vault.yaml}. {@link org.patronvault.app.VaultInstance} wires store, keys, log, rules and use cases.
 * {@link org.patronvault.app.Service} serves them over HTTP.
 */
package org.patronvault.app;

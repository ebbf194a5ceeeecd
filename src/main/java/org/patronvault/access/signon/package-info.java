/**
 * Sign-on by an OpenID Connect provider.
 *
 * <p>{@code SignOn} starts a {@code SignOnAttempt} and redirects the browser to the {@code OpenIdProvider}. When the
 * browser comes back, {@code OpenIdProvider} exchanges the code through {@code OpenIdCalls} and checks the token.
 * {@code SignOnAccounts} finds the account of that {@code SignOnIdentity}, and {@code SignOn} starts a session. Each
 * failure is a {@code SignOnRefused} with a reason and no part of a token.
 */
package org.patronvault.access.signon;

/**
 * Other systems that call the vault, and their keys.
 *
 * <p>An administrator adds a client with {@code ClientActs}, which may need a second person. {@code Clients} then
 * shows the new {@code ClientKey} once and stores only a PRF of it. For each request, {@code Clients} looks the key up
 * in {@code ClientRows} and returns a caller that is narrowed to its {@code ClientGrant}.
 */
package org.patronvault.access.client;

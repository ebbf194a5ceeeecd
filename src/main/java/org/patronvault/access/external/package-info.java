/**
 * Calls to addresses and programs that {@code vault.yaml} names.
 *
 * <p>{@code ExternalEndpoint} posts JSON to one address, and {@code ExternalProgram} runs one program without a shell.
 * {@code BoundedHttpCall} limits the time and the size of each HTTP answer. Alerts, sign-on and witnesses share these
 * classes.
 */
package org.patronvault.access.external;

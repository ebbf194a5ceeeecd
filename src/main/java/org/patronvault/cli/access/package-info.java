/**
 * Commands about accounts, clients, approvals and the policy.
 *
 * <p>Each command parses its options, lets its parent {@code VaultCommand} authenticate the person, and calls one use
 * case of {@code access}. It prints the result as text or JSON.
 */
package org.patronvault.cli.access;

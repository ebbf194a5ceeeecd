/**
 * The library's policy as data, and the function that answers from it.
 *
 * <p>{@code PolicyFile} reads {@code policy.yaml} strictly, and {@code PolicyReader} turns it into a {@code Policy}. A
 * use case describes what a {@code Caller} wants in an {@code AccessRequest} and calls {@code Policy.ask}: once before
 * anything is read, and once for each row. The answer names the fields to show, mask and withhold.
 * {@code CurrentPolicy} holds the policy in force and replaces it in one step.
 */
package org.patronvault.core.policy;

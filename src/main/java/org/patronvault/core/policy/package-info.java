/**
 * The library's policy as data, and the function that answers from it.
 *
 * <p>{@code PolicyFile} reads {@code policy.yaml} strictly, and {@code PolicyReader} turns it into a {@code Policy}. A
 * use case asks {@code FieldPolicy.grant} once, before anything is read: it gets a {@code Grant}, or is refused. For each
 * row that it reads, {@code Grant.of} says which fields are shown, masked and withheld, as a {@code RowGrant}.
 * {@code CurrentPolicy} holds the policy in force and replaces it in one step.
 */
package org.patronvault.core.policy;

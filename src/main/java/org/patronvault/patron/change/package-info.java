/**
 * Changes to one patron: registration, edits, consent, cards and protection.
 *
 * <p>A use case asks the policy, opens the fields it must merge with a receipt, and seals the new values. It then
 * writes the row with its log entry in one transaction. If the version changed meanwhile, the caller must read the
 * patron again. {@code PatronPatch} is the pattern that the other classes follow.
 */
package org.patronvault.patron.change;

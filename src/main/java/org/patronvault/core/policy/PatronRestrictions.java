package org.patronvault.core.policy;

/**
 * The restrictions on a patron that the policy checks, from the patron's sealed facts.
 *
 * @param isProtected whether address and phone are for the director only
 * @param isWithdrawn whether the patron withdrew consent to the service; then only purposes for the patron open
 *     anything (P6)
 */
public record PatronRestrictions(boolean isProtected, boolean isWithdrawn) {
    /** The restrictions of most patrons: none. */
    public static final PatronRestrictions PLAIN = new PatronRestrictions(false, false);
}

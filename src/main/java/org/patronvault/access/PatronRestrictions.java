package org.patronvault.access;

/**
 * What of a patron's sealed facts the policy asks for.
 *
 * @param isProtected whether address and phone are for the director only
 * @param isWithdrawn whether the patron took back the consent to the service: then nothing is opened any more but what is
 *     for the patron (P6)
 */
public record PatronRestrictions(boolean isProtected, boolean isWithdrawn) {
    /** Of most patrons. */
    public static final PatronRestrictions PLAIN = new PatronRestrictions(false, false);
}

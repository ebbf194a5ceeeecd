package org.patronvault.core.policy;

import java.util.Set;
import org.patronvault.core.model.PatronField;

/**
 * The restrictions on a patron that the policy checks, from the patron's sealed facts.
 *
 * @param isProtected whether address and phone are for the director only
 * @param isWithdrawn whether the patron withdrew consent to the service; then only purposes for the patron open
 *     anything (P6)
 */
public record PatronRestrictions(boolean isProtected, boolean isWithdrawn) {
    /** The fields of a protected patron that only the director may open. */
    public static final Set<PatronField> PROTECTED = Set.of(PatronField.ADDRESS, PatronField.PHONE);

    /** The restrictions of most patrons: none. */
    public static final PatronRestrictions PLAIN = new PatronRestrictions(false, false);
}

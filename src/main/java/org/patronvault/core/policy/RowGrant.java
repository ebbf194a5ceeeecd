package org.patronvault.core.policy;

import java.util.EnumSet;
import java.util.Set;
import org.patronvault.core.model.PatronField;

/**
 * The fields of one patron that a {@link Grant} shows, in whole or in part.
 *
 * @param grant what was asked for
 * @param results the fields that a search shows unasked
 * @param masked the fields of which only a part is shown, as {@link Mask} leaves it; also those not shown at all
 */
public record RowGrant(Grant grant, Set<PatronField> results, Set<PatronField> masked) {
    public RowGrant {
        results = Set.copyOf(results);
        masked = Set.copyOf(masked);
    }

    /** Returns the fields that were asked for. */
    public Set<PatronField> opens() {
        return grant.opens();
    }

    /** Returns all fields that a search shows: those asked for and those shown unasked. */
    public Set<PatronField> inSearch() {
        Set<PatronField> all = EnumSet.noneOf(PatronField.class);
        all.addAll(opens());
        all.addAll(results);
        return all;
    }

    /**
     * Whether a search shows no more of the patron than a result's name and a part of the card. Such a patron counts as
     * a name in results, not as an opened patron.
     */
    public boolean isNameOnly() {
        return inSearch().stream()
                .allMatch(field -> field == PatronField.NAME
                        || (field == PatronField.CARD && !opens().contains(field) && masked.contains(field)));
    }
}

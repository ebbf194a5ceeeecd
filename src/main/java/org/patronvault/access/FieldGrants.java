package org.patronvault.access;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;

/**
 * What a rule says of the patrons of one's own library, or of another.
 *
 * @param opens fields that may be opened, by purpose
 * @param results fields shown in search results without being asked for, by purpose
 * @param masked fields of which only what their {@link Mask} leaves is shown
 */
record FieldGrants(
        Map<Purpose, Set<PatronField>> opens, Map<Purpose, Set<PatronField>> results, Set<PatronField> masked) {

    static final FieldGrants NOTHING = new FieldGrants(Map.of(), Map.of(), Set.of());

    FieldGrants {
        opens = Map.copyOf(opens);
        results = Map.copyOf(results);
        masked = Set.copyOf(masked);
    }

    /** What may be opened for that purpose; without one, for any. */
    Set<PatronField> opens(Optional<Purpose> purpose) {
        return of(opens, purpose);
    }

    /** What results show for that purpose; without one, for any. */
    Set<PatronField> results(Optional<Purpose> purpose) {
        return of(results, purpose);
    }

    private static Set<PatronField> of(Map<Purpose, Set<PatronField>> fields, Optional<Purpose> purpose) {
        if (purpose.isPresent()) {
            return fields.getOrDefault(purpose.get(), Set.of());
        }
        Set<PatronField> any = EnumSet.noneOf(PatronField.class);
        fields.values().forEach(any::addAll);
        return any;
    }
}

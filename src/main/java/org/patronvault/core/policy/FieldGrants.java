package org.patronvault.core.policy;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;

/**
 * The fields that a rule grants for patrons of the own library, or of other libraries.
 *
 * @param opens fields that may be opened, by purpose
 * @param results fields shown in search results by default, by purpose
 * @param maskedResults those of {@code results} of which a search shows a part only, by purpose
 * @param masked fields shown only as their {@link Mask} leaves them
 */
public record FieldGrants(
        Map<Purpose, Set<PatronField>> opens,
        Map<Purpose, Set<PatronField>> results,
        Map<Purpose, Set<PatronField>> maskedResults,
        Set<PatronField> masked) {

    static final FieldGrants NOTHING = new FieldGrants(Map.of(), Map.of(), Map.of(), Set.of());

    public FieldGrants {
        opens = Map.copyOf(opens);
        results = Map.copyOf(results);
        maskedResults = Map.copyOf(maskedResults);
        masked = Set.copyOf(masked);
    }

    /** Returns the fields that may be opened for that purpose; without one, for any. */
    Set<PatronField> opens(Optional<Purpose> purpose) {
        return of(opens, purpose);
    }

    /** Returns the fields that results show for that purpose; without one, for any. */
    Set<PatronField> results(Optional<Purpose> purpose) {
        return of(results, purpose);
    }

    /** Whether these grants show the field whole: opened as asked for, or in results. */
    boolean showsWhole(PatronField field, FieldPolicy.Request request) {
        if (masked.contains(field) && !request.isWhole()) {
            return false;
        }
        return request.opens().contains(field)
                || (results(request.purpose()).contains(field)
                        && !of(maskedResults, request.purpose()).contains(field));
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

package org.patronvault.store;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/** A patron as stored: the row in clear and the values that were read with it. */
public record StoredPatron(PatronRow row, Map<PatronField, ValueRow> values) {

    /** A patron with those values. */
    public static StoredPatron of(PatronRow row, Collection<ValueRow> values) {
        Map<PatronField, ValueRow> byField = new EnumMap<>(PatronField.class);
        values.forEach(value -> byField.put(value.field(), value));
        return new StoredPatron(row, byField);
    }

    /** Whose it is. */
    public PatronId id() {
        return row.id();
    }

    /** The stored value of that field, if it was there. */
    public Optional<ValueRow> value(PatronField field) {
        return Optional.ofNullable(values.get(field));
    }
}

package org.patronvault.core.store.table;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.Jdbc;

/** A stored patron: the unencrypted row and the values that were read with it. */
public record StoredPatron(PatronRow row, Map<PatronField, ValueRow> values) {

    /** Returns a patron with those values. */
    public static StoredPatron of(PatronRow row, Collection<ValueRow> values) {
        Map<PatronField, ValueRow> byField = new EnumMap<>(PatronField.class);
        values.forEach(value -> byField.put(value.field(), value));
        return new StoredPatron(row, byField);
    }

    /** Returns the bytes of a field's cell. A patron without one cannot be stored. */
    byte[] cell(PatronField field) {
        return value(field).orElseThrow(() -> Jdbc.refused("no cell")).cell();
    }

    /** Returns the patron's ID. */
    public PatronId id() {
        return row.id();
    }

    /** Returns the stored value of a field, if it was there. */
    public Optional<ValueRow> value(PatronField field) {
        return Optional.ofNullable(values.get(field));
    }
}

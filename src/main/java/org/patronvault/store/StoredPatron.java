package org.patronvault.store;

import java.util.Map;
import java.util.Optional;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/** A patron as stored: the row in clear and the values that were read with it. */
public record StoredPatron(PatronRow row, Map<PatronField, ValueRow> values) {

    /** Whose it is. */
    public PatronId id() {
        return row.id();
    }

    /** The stored value of that field, if it was there. */
    public Optional<ValueRow> value(PatronField field) {
        return Optional.ofNullable(values.get(field));
    }
}

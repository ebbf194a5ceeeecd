package org.patronvault.patron.record;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.vault.PatronMeta;

/** The encryption steps that every write of a patron's rows uses. Safe for use by many threads. */
public final class PatronRowSealer {
    private final PatronContext parts;

    public PatronRowSealer(PatronContext parts) {
        this.parts = parts;
    }

    /** Rewraps the value's DEK if the KEK was rotated since the value was encrypted. */
    public ValueRow underPrimary(PatronRow row, ValueRow value) {
        return FieldKeys.kekVersion(value.envelope()) == parts.vault().primaryVersion(value.field())
                ? value
                : new ValueRow(
                        value.patron(),
                        value.field(),
                        value.generation(),
                        parts.vault().rewrap(Optional.of(row), value));
    }

    public ValueRow labels(PatronId id, long generation, PatronLabels labels) {
        return parts.vault().seal(id, PatronField.LABELS, generation, labels.encode());
    }

    /** Meta in the generation after the stored one. */
    public ValueRow meta(StoredPatron before, PatronRow row, PatronMeta facts) {
        return parts.vault().sealMeta(row, generation(before, PatronField.META) + 1, facts);
    }

    static long generation(StoredPatron stored, PatronField field) {
        return stored.value(field).map(ValueRow::generation).orElseThrow(PatronContext::changedMeanwhile);
    }

    /** The log subject of written rows. */
    public Subject subject(PatronRow row, List<ValueRow> values) {
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        values.forEach(value -> fields.add(value.field()));
        return Subject.written(row.id(), fields, parts.vault().writes(row, values));
    }
}

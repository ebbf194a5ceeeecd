package org.patronvault.patron;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.audit.Subject;
import org.patronvault.keys.FieldKeys;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.search.PatronLabels;
import org.patronvault.store.PatronRow;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.ValueRow;
import org.patronvault.store.WriteTx;

/** The encryption steps that every write of a patron's rows uses. Safe for use by many threads. */
final class PatronRowSealer {
    private final PatronContext parts;

    PatronRowSealer(PatronContext parts) {
        this.parts = parts;
    }

    /** Rewraps the value's DEK if the KEK was rotated since the value was encrypted. */
    ValueRow underPrimary(PatronRow row, ValueRow value) {
        return FieldKeys.kekVersion(value.envelope()) == parts.vault().primaryVersion(value.field())
                ? value
                : new ValueRow(
                        value.patron(),
                        value.field(),
                        value.generation(),
                        parts.vault().rewrap(Optional.of(row), value));
    }

    ValueRow labels(PatronId id, long generation, PatronLabels labels) {
        return parts.vault().seal(id, PatronField.LABELS, generation, labels.encode());
    }

    /** Meta in the generation after the stored one. */
    ValueRow meta(StoredPatron before, PatronRow row, PatronMeta facts) {
        return parts.vault().sealMeta(row, generation(before, PatronField.META) + 1, facts);
    }

    static long generation(StoredPatron stored, PatronField field) {
        return stored.value(field).map(ValueRow::generation).orElseThrow(PatronContext::changedMeanwhile);
    }

    /** Replaces the values of the previous generation, inside a unit. */
    static void replace(WriteTx tx, List<ValueRow> values) {
        if (!tx.patrons().replace(values)) {
            throw PatronContext.changedMeanwhile();
        }
    }

    /** The log subject of written rows. */
    Subject subject(PatronRow row, List<ValueRow> values) {
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        values.forEach(value -> fields.add(value.field()));
        return Subject.written(row.id(), fields, parts.vault().writes(row, values));
    }
}

package org.patronvault.patron;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.Subject;
import org.patronvault.keys.FieldKeys;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Purpose;
import org.patronvault.search.PatronLabels;
import org.patronvault.store.CurrentRows;
import org.patronvault.store.PatronRow;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.ValueRow;

/**
 * Seals and opens patrons. The only class in which a stored personal value becomes readable, as a test of the
 * architecture holds. It opens nothing without a receipt, which only the log makes. With a receipt for something else,
 * or a used one, opening is a failure of ours. Safe for use by many threads.
 */
public final class PatronVault {
    private static final byte[] UNBOUND = new byte[0];

    /** A patron's rows and what meta says of them, checked against each other. */
    public static final class VerifiedPatron {
        private final StoredPatron stored;
        private final PatronMeta facts;

        private VerifiedPatron(StoredPatron stored, PatronMeta facts) {
            this.stored = stored;
            this.facts = facts;
        }

        /** The rows. */
        public StoredPatron stored() {
            return stored;
        }

        /** What meta says. */
        public PatronMeta facts() {
            return facts;
        }

        PatronId id() {
            return stored.id();
        }

        /** Whether nothing of the patron was written since these rows were read. */
        boolean isStill(CurrentRows.CurrentPatron now) {
            return now != null
                    && !now.isErased()
                    && now.metaGeneration().getAsLong()
                            == row(stored, PatronField.META).generation();
        }

        String library() {
            return stored.row().attributes().library();
        }
    }

    private final KeyCustody custody;

    /** A vault under the keys of that custody. */
    public PatronVault(KeyCustody custody) {
        this.custody = custody;
    }

    /**
     * Opens personal fields.
     *
     * @param receipt of a log entry that says that {@code by} opens these fields of this patron for that purpose; it is
     *     good once for each
     * @throws IntegrityException if any row of the patron is not what was last written: then nothing is opened
     */
    public PersonalData open(
            StoredPatron stored, Set<PatronField> fields, AuditReceipt receipt, Actor by, Purpose why) {
        return openKnown(known(stored), fields, receipt, by, why);
    }

    /** The same, of rows that were checked already. */
    PersonalData openKnown(VerifiedPatron known, Set<PatronField> fields, AuditReceipt receipt, Actor by, Purpose why) {
        StoredPatron stored = known.stored();
        take(receipt, known, fields, by, why);
        Map<PatronField, byte[]> values = new EnumMap<>(PatronField.class);
        try {
            for (PatronField field : fields) {
                if (!field.isPersonal()) {
                    throw new IllegalStateException("not a personal field");
                }
                values.put(field, openValue(stored, known.facts(), field));
            }
            return new PersonalData(
                    Optional.ofNullable(values.get(PatronField.CARD)).map(ValueCodec::readList),
                    Optional.ofNullable(values.get(PatronField.NAME)).map(ValueCodec::readName),
                    Optional.ofNullable(values.get(PatronField.ADDRESS)).map(ValueCodec::readAddress),
                    Optional.ofNullable(values.get(PatronField.PHONE)).map(ValueCodec::readList),
                    Optional.ofNullable(values.get(PatronField.EMAIL)).map(ValueCodec::readList));
        } finally {
            values.values().forEach(value -> Arrays.fill(value, (byte) 0));
        }
    }

    private static void take(
            AuditReceipt receipt, VerifiedPatron known, Set<PatronField> fields, Actor by, Purpose why) {
        if (!receipt.take(by, why, known.id(), fields)) {
            throw new IllegalStateException("the receipt does not cover what is to be opened, or was used");
        }
    }

    private byte[] openValue(StoredPatron stored, PatronMeta facts, PatronField field) {
        ValueRow row = row(stored, field);
        if (row.generation() != facts.generations().getOrDefault(field, -1L)) {
            throw new IntegrityException("patron_value: generation");
        }
        return keys().open(field, stored.id(), row.generation(), UNBOUND, row.envelope());
    }

    private static ValueRow row(StoredPatron stored, PatronField field) {
        ValueRow row = stored.value(field).orElseThrow(() -> new IntegrityException("patron_value: row missing"));
        if (row.generation() < 1) {
            throw new IntegrityException("patron_value: generation");
        }
        return row;
    }

    private FieldKeys keys() {
        return custody.keys().fields();
    }

    /**
     * What meta says of the patron, after checking that it belongs to this very row in clear and that every field's row
     * is there in the generation it names. Needs no receipt, because it holds no personal value.
     */
    public PatronMeta facts(StoredPatron stored) {
        PatronMeta facts = meta(stored);
        for (Map.Entry<PatronField, Long> expected : facts.generations().entrySet()) {
            if (row(stored, expected.getKey()).generation() != expected.getValue()) {
                throw new IntegrityException("patron_value: generation");
            }
        }
        return facts;
    }

    /** The same, whatever the other rows are: for a first look. */
    PatronMeta meta(StoredPatron stored) {
        ValueRow meta = row(stored, PatronField.META);
        return PatronMeta.decode(keys().open(
                        PatronField.META,
                        stored.id(),
                        meta.generation(),
                        PatronMeta.bound(stored.row()),
                        meta.envelope()));
    }

    /** The rows with what meta says of them. */
    public VerifiedPatron known(StoredPatron stored) {
        return new VerifiedPatron(stored, facts(stored));
    }

    /** The labels of the patron's index entries. Needs no receipt: they are pseudo-random. */
    PatronLabels labels(VerifiedPatron known) {
        return PatronLabels.decode(openValue(known.stored(), known.facts(), PatronField.LABELS));
    }

    /** Whether the KEK version that a value hangs on is there; once it is destroyed the value cannot be opened. */
    boolean hasKek(StoredPatron stored, PatronField field) {
        return keys().hasKek(field, row(stored, field).envelope());
    }

    /** The labels of a patron whose other rows need not be what was last written; empty if these are not either. */
    Optional<PatronLabels> labelsAlone(StoredPatron stored) {
        return stored.value(PatronField.LABELS).flatMap(row -> {
            try {
                return Optional.of(PatronLabels.decode(
                        keys().open(PatronField.LABELS, row.patron(), row.generation(), UNBOUND, row.envelope())));
            } catch (IntegrityException e) {
                return Optional.empty();
            }
        });
    }

    /**
     * Whether the row of a field is what was written of it last, and hangs on its key as it should: its row hash leaves
     * the wrap out.
     *
     * @param logged what the log says was written last since {@code then}; else it must be the write that stood then,
     *     under whichever KEK
     */
    boolean isLast(StoredPatron then, StoredPatron now, Optional<Subject.Write> logged, PatronField field) {
        Optional<Subject.Write> expected = logged.or(() -> written(then.row(), then.value(field)));
        return written(now.row(), now.value(field))
                .filter(write -> expected.filter(last -> last.generation() == write.generation()
                                && Arrays.equals(last.rowHash(), write.rowHash()))
                        .isPresent())
                .filter(write ->
                        isWrapped(Optional.of(now.row()), now.value(field).orElseThrow()))
                .isPresent();
    }

    private Optional<Subject.Write> written(PatronRow row, Optional<ValueRow> value) {
        try {
            return value.map(stored -> writes(row, List.of(stored)).get(0));
        } catch (IntegrityException e) {
            // No envelope at all.
            return Optional.empty();
        }
    }

    /** The rows with what meta says of them; empty if they are not what was last written. */
    Optional<VerifiedPatron> sound(StoredPatron stored) {
        try {
            return Optional.of(known(stored));
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    /**
     * The value of a personal field under a new DEK, in the generation after the one that meta names; nobody sees it.
     *
     * @param receipt as {@link #open} wants it
     */
    ValueRow reseal(VerifiedPatron known, PatronField field, AuditReceipt receipt, Actor by, Purpose why) {
        take(receipt, known, Set.of(field), by, why);
        byte[] value = openValue(known.stored(), known.facts(), field);
        try {
            return seal(known.id(), field, known.facts().generations().get(field) + 1, value);
        } finally {
            Arrays.fill(value, (byte) 0);
        }
    }

    /** A value of a personal field or of the labels, sealed for that patron and generation. */
    ValueRow seal(PatronId patron, PatronField field, long generation, byte[] value) {
        return new ValueRow(patron, field, generation, keys().seal(field, patron, generation, UNBOUND, value));
    }

    /** The meta cell, bound to the row in clear. */
    ValueRow sealMeta(PatronRow row, long generation, PatronMeta facts) {
        byte[] envelope = keys().seal(PatronField.META, row.id(), generation, PatronMeta.bound(row), facts.encode());
        return new ValueRow(row.id(), PatronField.META, generation, envelope);
    }

    /** What the log says of written rows. */
    List<Subject.Write> writes(PatronRow row, List<ValueRow> values) {
        return values.stream()
                .map(v -> new Subject.Write(
                        v.field(),
                        v.generation(),
                        keys().rowHash(
                                        v.field(),
                                        v.patron(),
                                        v.generation(),
                                        bound(Optional.of(row), v),
                                        v.envelope())))
                .toList();
    }

    /**
     * The value's envelope with its DEK under the primary KEK.
     *
     * @param row the patron's row in clear; needed for meta only, which is bound to it
     */
    public byte[] rewrap(Optional<PatronRow> row, ValueRow value) {
        return keys().rewrap(value.field(), value.patron(), value.generation(), bound(row, value), value.envelope());
    }

    /** Whether that rewrap would go well; a value whose row hash is right opens then. Makes nothing readable. */
    public boolean isWrapped(Optional<PatronRow> row, ValueRow value) {
        try {
            keys().requireWrapped(
                            value.field(), value.patron(), value.generation(), bound(row, value), value.envelope());
            return true;
        } catch (IntegrityException e) {
            return false;
        }
    }

    private static byte[] bound(Optional<PatronRow> row, ValueRow value) {
        return value.field() == PatronField.META
                ? PatronMeta.bound(row.orElseThrow(() -> new IntegrityException("patron: row missing")))
                : UNBOUND;
    }

    /** The KEK version that new values of a field hang on. */
    public int primaryVersion(PatronField field) {
        return keys().primaryVersion(field);
    }
}

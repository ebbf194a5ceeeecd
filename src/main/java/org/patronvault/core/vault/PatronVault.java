package org.patronvault.core.vault;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.PatronRestrictions;
import org.patronvault.core.store.table.CurrentRows;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;

/**
 * The encryption and decryption of patrons' values. It is the only class in which a stored personal value becomes
 * readable, as a test of the architecture ensures. It opens nothing without a receipt, which only the log makes. A
 * receipt for something else, or a used one, is a bug of the vault and throws. Safe for use by many threads.
 */
public final class PatronVault {
    private static final byte[] UNBOUND = new byte[0];

    /** A patron's rows and the content of meta, checked against each other. */
    public static final class VerifiedPatron implements Grant.Row {
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

        /** The content of meta. */
        public PatronMeta facts() {
            return facts;
        }

        public PatronId id() {
            return stored.id();
        }

        @Override
        public PatronRestrictions restrictions() {
            return facts.standing();
        }

        /** Whether nothing of the patron was written since these rows were read. */
        public boolean isStill(CurrentRows.CurrentPatron now) {
            return now != null
                    && !now.isErased()
                    && now.metaGeneration().getAsLong()
                            == row(stored, PatronField.META).generation();
        }

        @Override
        public String library() {
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
     * @throws IntegrityException if any row of the patron is not the last one written: then nothing is opened
     */
    public PersonalData open(
            StoredPatron stored, Set<PatronField> fields, AuditReceipt receipt, Actor by, Purpose why) {
        return openKnown(known(stored), fields, receipt, by, why);
    }

    /** Opens personal fields of rows that were already checked; otherwise like {@link #open}. */
    public PersonalData openKnown(
            VerifiedPatron known, Set<PatronField> fields, AuditReceipt receipt, Actor by, Purpose why) {
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
            throw new IntegrityException("patron: generation");
        }
        return keys().open(field, stored.id(), row.generation(), UNBOUND, row.envelope());
    }

    private static ValueRow row(StoredPatron stored, PatronField field) {
        ValueRow row = stored.value(field).orElseThrow(() -> new IntegrityException("patron: cell missing"));
        if (row.generation() < 1) {
            throw new IntegrityException("patron: generation");
        }
        return row;
    }

    private FieldKeys keys() {
        return custody.keys().fields();
    }

    /**
     * The content of meta. Checks that it belongs to this very unencrypted row, and that every field's row exists in
     * the generation it names. Needs no receipt, because it holds no personal value.
     */
    public PatronMeta facts(StoredPatron stored) {
        PatronMeta facts = meta(stored);
        for (Map.Entry<PatronField, Long> expected : facts.generations().entrySet()) {
            if (row(stored, expected.getKey()).generation() != expected.getValue()) {
                throw new IntegrityException("patron: generation");
            }
        }
        return facts;
    }

    /** The content of meta, without a check of the other rows' generations. */
    public PatronMeta meta(StoredPatron stored) {
        ValueRow meta = row(stored, PatronField.META);
        return PatronMeta.decode(keys().open(
                        PatronField.META,
                        stored.id(),
                        meta.generation(),
                        PatronMeta.bound(stored.row()),
                        meta.envelope()));
    }

    /** The rows with the content of meta; throws if they do not fit. */
    public VerifiedPatron known(StoredPatron stored) {
        return new VerifiedPatron(stored, facts(stored));
    }

    /** The labels of the patron's index entries. Needs no receipt: they are pseudo-random. */
    public PatronLabels labels(VerifiedPatron known) {
        return PatronLabels.decode(openValue(known.stored(), known.facts(), PatronField.LABELS));
    }

    /** Whether the KEK version of a value exists; once it is destroyed the value cannot be opened. */
    public boolean hasKek(StoredPatron stored, PatronField field) {
        return keys().hasKek(field, row(stored, field).envelope());
    }

    /** The labels of a patron whose other rows may be stale; empty if the labels' row does not authenticate. */
    public Optional<PatronLabels> labelsAlone(StoredPatron stored) {
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
     * Whether the row of a field is the last one written, and its DEK unwraps; the row hash leaves the wrap out.
     *
     * @param logged the last write in the log since {@code then}; if empty, it must be the write stored then, under any
     *     KEK
     */
    public boolean isLast(StoredPatron then, StoredPatron now, Optional<Subject.Write> logged, PatronField field) {
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

    /** The rows with the content of meta; empty if they are not the last ones written. */
    public Optional<VerifiedPatron> sound(StoredPatron stored) {
        try {
            return Optional.of(known(stored));
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    /**
     * Re-encrypts a personal field under a new DEK, in the generation after the one that meta names. The plaintext does
     * not leave this class.
     *
     * @param receipt as {@link #open} requires
     */
    public ValueRow reseal(VerifiedPatron known, PatronField field, AuditReceipt receipt, Actor by, Purpose why) {
        take(receipt, known, Set.of(field), by, why);
        byte[] value = openValue(known.stored(), known.facts(), field);
        try {
            return seal(known.id(), field, known.facts().generations().get(field) + 1, value);
        } finally {
            Arrays.fill(value, (byte) 0);
        }
    }

    /** Encrypts a personal field or the labels, for that patron and generation. */
    public ValueRow seal(PatronId patron, PatronField field, long generation, byte[] value) {
        return new ValueRow(patron, field, generation, keys().seal(field, patron, generation, UNBOUND, value));
    }

    /** Encrypts the meta cell, bound to the unencrypted row. */
    public ValueRow sealMeta(PatronRow row, long generation, PatronMeta facts) {
        byte[] envelope = keys().seal(PatronField.META, row.id(), generation, PatronMeta.bound(row), facts.encode());
        return new ValueRow(row.id(), PatronField.META, generation, envelope);
    }

    /** The log form of written rows. */
    public List<Subject.Write> writes(PatronRow row, List<ValueRow> values) {
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
     * The value's envelope with its DEK rewrapped under the primary KEK.
     *
     * @param row the patron's unencrypted row; needed for meta only, which is bound to it
     */
    public byte[] rewrap(Optional<PatronRow> row, ValueRow value) {
        return keys().rewrap(value.field(), value.patron(), value.generation(), bound(row, value), value.envelope());
    }

    /** Whether that rewrap would succeed; then a value with the right row hash opens. Makes nothing readable. */
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

    /** The KEK version that encrypts new values of a field. */
    public int primaryVersion(PatronField field) {
        return keys().primaryVersion(field);
    }
}

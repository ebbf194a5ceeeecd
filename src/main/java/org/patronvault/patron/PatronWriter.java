package org.patronvault.patron;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.patronvault.access.Replay;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Reservation;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.FieldKeys;
import org.patronvault.model.Consent;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.search.IndexedTerm;
import org.patronvault.search.PatronEntries;
import org.patronvault.store.PatronRow;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.ValueRow;
import org.patronvault.store.WriteTx;

/**
 * Turns values into rows and writes them: what can be sealed is sealed before the unit, what depends on the index
 * inside it. Every write of a patron goes through here, so that meta always names the generations of the rows beside
 * it.
 */
final class PatronWriter {
    private static final long FIRST = 1;

    /**
     * A new patron, sealed.
     *
     * @param subject what the log says of the rows
     */
    record Prepared(PatronRow row, List<ValueRow> values, PatronEntries entries, Subject subject) {}

    /**
     * A change, sealed but for the labels.
     *
     * @param values replaced rows, meta among them
     * @param terms what the patron is found by from now on; null if the index stays
     */
    record Change(StoredPatron before, PatronRow row, List<ValueRow> values, List<IndexedTerm> terms) {}

    private final Parts parts;

    PatronWriter(Parts parts) {
        this.parts = parts;
    }

    static Map<PatronField, byte[]> values(List<String> cards, PatronDraft draft) {
        Map<PatronField, byte[]> values = new EnumMap<>(PatronField.class);
        values.put(PatronField.CARD, ValueCodec.list(cards));
        values.put(PatronField.NAME, ValueCodec.name(draft.name()));
        values.put(PatronField.ADDRESS, ValueCodec.address(draft.address()));
        values.put(PatronField.PHONE, ValueCodec.list(draft.phone()));
        values.put(PatronField.EMAIL, ValueCodec.list(draft.email()));
        return values;
    }

    static Set<PatronField> set(PatronDraft draft) {
        Set<PatronField> set = EnumSet.of(PatronField.CARD, PatronField.NAME);
        if (!draft.address().isEmpty()) {
            set.add(PatronField.ADDRESS);
        }
        if (!draft.phone().isEmpty()) {
            set.add(PatronField.PHONE);
        }
        if (!draft.email().isEmpty()) {
            set.add(PatronField.EMAIL);
        }
        return set;
    }

    /** Seals a new patron under a fresh id. */
    Prepared prepare(PatronDraft draft, PatronRow row, byte[] importFingerprint) {
        List<ValueRow> values = new ArrayList<>();
        Map<PatronField, Long> generations = new EnumMap<>(PatronField.class);
        values(List.of(draft.card()), draft).forEach((field, value) -> {
            values.add(parts.vault().seal(row.id(), field, FIRST, value));
            generations.put(field, FIRST);
        });
        generations.put(PatronField.LABELS, FIRST);
        List<Consent> consents = draft.consent().map(List::of).orElse(List.of());
        Facts facts = new Facts(set(draft), false, false, generations, consents, importFingerprint);
        values.add(parts.vault().sealMeta(row, FIRST, facts));
        List<IndexedTerm> terms = Terms.of(List.of(draft.card()), draft.phone(), draft.email());
        PatronEntries entries = parts.index().prepare(row.id(), row.indexGeneration(), terms);
        values.add(sealLabels(row.id(), FIRST, entries.labels()));
        return new Prepared(row, values, entries, written(row, values));
    }

    /** Writes a new patron, inside a unit; returns what the log says of it. */
    Subject insert(WriteTx tx, Prepared prepared) {
        return insert(tx, List.of(prepared)).get(0);
    }

    /** Writes new patrons, inside a unit; returns what the log says of each. */
    List<Subject> insert(WriteTx tx, List<Prepared> prepared) {
        if (tx.patrons().everUsed(prepared.stream().map(p -> p.row().id()).toList())) {
            throw Parts.changedMeanwhile();
        }
        List<PatronEntries> entries =
                parts.index().put(tx, prepared.stream().map(Prepared::entries).toList());
        // Sealing anew is work for every core; the transaction is not touched meanwhile.
        List<Prepared> asWritten = IntStream.range(0, prepared.size())
                .parallel()
                .mapToObj(i -> asWritten(prepared.get(i), entries.get(i)))
                .toList();
        tx.patrons()
                .insert(asWritten.stream()
                        .map(p -> StoredPatron.of(p.row(), p.values()))
                        .toList());
        return asWritten.stream().map(Prepared::subject).toList();
    }

    /** What was prepared, with the labels that were written and under the KEKs that are primary now. */
    private Prepared asWritten(Prepared prepared, PatronEntries entries) {
        PatronRow row = prepared.row();
        List<ValueRow> values = new ArrayList<>(prepared.values());
        if (entries != prepared.entries()) {
            values.removeIf(value -> value.field() == PatronField.LABELS);
            values.add(sealLabels(row.id(), FIRST, entries.labels()));
        }
        values.replaceAll(value -> underPrimary(row, value));
        return new Prepared(
                row, values, entries, entries == prepared.entries() ? prepared.subject() : written(row, values));
    }

    /** A KEK may have been rotated since the value was sealed; then its wrap is made anew, and nothing else. */
    private ValueRow underPrimary(PatronRow row, ValueRow value) {
        return FieldKeys.kekVersion(value.envelope()) == parts.vault().primaryVersion(value.field())
                ? value
                : new ValueRow(
                        value.patron(),
                        value.field(),
                        value.generation(),
                        parts.vault().rewrap(Optional.of(row), value));
    }

    private ValueRow sealLabels(PatronId id, long generation, byte[] labels) {
        byte[] value = CanonicalBytes.plain()
                .u32(parts.custody().keys().indexVersion())
                .raw(labels)
                .bytes();
        return parts.vault().seal(id, PatronField.LABELS, generation, value);
    }

    /**
     * Seals a change.
     *
     * @param changed new values of the fields that change
     * @param facts meta as it shall be, but for the generations
     * @param row the row in clear as it shall be
     * @param terms what the patron is found by from now on; null if the index stays
     */
    Change prepare(
            StoredPatron before,
            Facts was,
            PatronRow row,
            Map<PatronField, byte[]> changed,
            Facts facts,
            List<IndexedTerm> terms) {
        List<ValueRow> values = new ArrayList<>();
        Map<PatronField, Long> generations = new EnumMap<>(PatronField.class);
        generations.putAll(was.generations());
        changed.forEach((field, value) -> {
            long generation = was.generations().get(field) + 1;
            generations.put(field, generation);
            values.add(parts.vault().seal(row.id(), field, generation, value));
        });
        if (terms != null) {
            generations.merge(PatronField.LABELS, 1L, Long::sum);
        }
        Facts now = new Facts(
                facts.set(),
                facts.isProtected(),
                facts.isDecoy(),
                generations,
                facts.consents(),
                facts.importFingerprint());
        long metaGeneration = before.value(PatronField.META).orElseThrow().generation() + 1;
        values.add(parts.vault().sealMeta(row, metaGeneration, now));
        return new Change(before, row, values, terms);
    }

    /** Writes a change by compare-and-set, inside a unit; returns what the log says of it. */
    Subject update(WriteTx tx, Change change) {
        PatronId id = change.row().id();
        if (!tx.patrons().update(change.row(), change.before().row().version())) {
            throw Parts.changedMeanwhile();
        }
        List<ValueRow> values = new ArrayList<>(change.values());
        if (change.terms() != null) {
            parts.index().retire(tx, parts.vault().labels(change.before()));
            byte[] labels = parts.index().put(tx, id, change.row().indexGeneration(), change.terms());
            long generation =
                    change.before().value(PatronField.LABELS).orElseThrow().generation() + 1;
            values.add(sealLabels(id, generation, labels));
        }
        values.replaceAll(value -> underPrimary(change.row(), value));
        for (ValueRow value : values) {
            if (!tx.patrons().replace(value, value.generation() - 1)) {
                throw Parts.changedMeanwhile();
            }
        }
        return written(change.row(), values);
    }

    /** Writes a change as a unit of its own, and keeps {@code answer} for a request that is sent again. */
    void write(AccessEvent event, Change change, Optional<Replay.Key> replay, String answer) {
        write(event, change, Reservation.NONE, replay, answer);
    }

    /** The same, counting, or telling of it once it is done. */
    void write(AccessEvent event, Change change, Reservation reservation, Optional<Replay.Key> replay, String answer) {
        Replay kept = parts.access().replay();
        parts.log().appendAndWait(new Unit(event, reservation, Set.of(), (tx, entry) -> {
            kept.requireFirst(tx, replay);
            Subject subject = update(tx, change);
            kept.keep(tx, replay, answer);
            return List.of(event.on(List.of(subject)));
        }));
    }

    private Subject written(PatronRow row, List<ValueRow> values) {
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        values.forEach(value -> fields.add(value.field()));
        return Subject.written(row.id(), fields, parts.vault().writes(row, values));
    }
}

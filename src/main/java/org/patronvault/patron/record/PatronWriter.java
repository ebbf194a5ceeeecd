package org.patronvault.patron.record;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.PatronEntries;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.index.PostingClearer;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PairwiseResets;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.ValueCodec;

/**
 * The writer of patrons' rows. It encrypts before the act what it can, and inside the act what depends on the index.
 * Every write of a patron passes here, except restored patrons ({@code RestoredPatron}) and re-encrypted rows
 * ({@code PatronRowRewrite}). So meta always names the generations of the rows beside it.
 */
public final class PatronWriter {
    private static final long FIRST = 1;

    /** A new patron, encrypted except the labels: only the act knows how many entries a term already has. */
    public record PreparedPatron(PatronRow row, List<ValueRow> values, PatronEntries entries) {}

    /**
     * A new patron as written.
     *
     * @param subject the log subject of the rows
     */
    private record WrittenPatron(StoredPatron stored, Subject subject) {}

    /**
     * A change, encrypted except the labels.
     *
     * @param changed the values of the fields that change
     * @param values these values, encrypted
     * @param facts the content of meta
     * @param meta these facts, encrypted
     * @param terms the new index terms; null if the index stays
     */
    public record Change(
            StoredPatron before,
            PatronRow row,
            Map<PatronField, byte[]> changed,
            List<ValueRow> values,
            PatronMeta facts,
            ValueRow meta,
            List<IndexedTerm> terms) {}

    private final PatronContext parts;
    private final PatronRowSealer sealing;
    private final ErasureRequests requests;

    public PatronWriter(PatronContext parts) {
        this.parts = parts;
        this.requests = new ErasureRequests(parts.access(), parts.custody());
        this.sealing = new PatronRowSealer(parts);
    }

    public static Map<PatronField, byte[]> values(List<String> cards, PatronDraft draft) {
        Map<PatronField, byte[]> values = new EnumMap<>(PatronField.class);
        values.put(PatronField.CARD, ValueCodec.list(cards));
        values.put(PatronField.NAME, ValueCodec.name(draft.name()));
        values.put(PatronField.ADDRESS, ValueCodec.address(draft.address()));
        values.put(PatronField.PHONE, ValueCodec.list(draft.phone()));
        values.put(PatronField.EMAIL, ValueCodec.list(draft.email()));
        return values;
    }

    public static Set<PatronField> set(PatronDraft draft) {
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

    /**
     * Encrypts a new patron under a fresh id.
     *
     * @param by the account that recorded the consent
     */
    public PreparedPatron prepare(PatronDraft draft, PatronRow row, String by) {
        return prepare(new ImportRow.Accepted(0, draft, Set.of()), row, new byte[0], by);
    }

    /** Encrypts a new patron from an import file under a fresh id. */
    public PreparedPatron prepare(ImportRow.Accepted from, PatronRow row, byte[] importFingerprint, String by) {
        PatronDraft draft = from.draft();
        List<ValueRow> values = new ArrayList<>();
        Map<PatronField, Long> generations = new EnumMap<>(PatronField.class);
        values(from.cards(), draft).forEach((field, value) -> {
            values.add(parts.vault().seal(row.id(), field, FIRST, value));
            generations.put(field, FIRST);
        });
        generations.put(PatronField.LABELS, FIRST);
        Consents consents = draft.consent()
                .map(consent -> from.brought().consents(consent, by))
                .orElse(Consents.NONE);
        boolean isProtected = from.brought().isProtected();
        PatronMeta facts = new PatronMeta(
                set(draft), isProtected, false, generations, consents, PairwiseResets.NOWHERE, importFingerprint);
        values.add(parts.vault().sealMeta(row, FIRST, facts));
        List<IndexedTerm> terms = PatronTerms.of(from.cards(), draft);
        return new PreparedPatron(row, values, parts.index().prepare(row.id(), row.indexGeneration(), terms));
    }

    /** Writes a new patron, inside an act; returns its log subject. */
    public Subject insert(WriteTx tx, PreparedPatron prepared) {
        return insert(tx, List.of(prepared)).get(0);
    }

    /** Writes new patrons, inside an act; returns the log subject of each. */
    public List<Subject> insert(WriteTx tx, List<PreparedPatron> prepared) {
        if (tx.patrons().everUsed(prepared.stream().map(p -> p.row().id()).toList())) {
            throw PatronContext.changedMeanwhile();
        }
        List<PatronEntries> entries = parts.index()
                .put(tx, prepared.stream().map(PreparedPatron::entries).toList());
        // Encryption is work for every core; the transaction is not used meanwhile.
        List<WrittenPatron> written = IntStream.range(0, prepared.size())
                .parallel()
                .mapToObj(i -> written(prepared.get(i), entries.get(i)))
                .toList();
        tx.bulk().patrons(written.stream().map(WrittenPatron::stored).toList());
        return written.stream().map(WrittenPatron::subject).toList();
    }

    /** The prepared patron, with the written labels and under the current primary KEKs. */
    private WrittenPatron written(PreparedPatron prepared, PatronEntries entries) {
        PatronRow row = prepared.row();
        List<ValueRow> values = new ArrayList<>(prepared.values());
        values.replaceAll(value -> sealing.underPrimary(row, value));
        values.add(sealing.labels(row.id(), FIRST, entries.labels()));
        return new WrittenPatron(StoredPatron.of(row, values), sealing.subject(row, values));
    }

    /**
     * Encrypts a change.
     *
     * @param changed new values of the fields that change
     * @param facts the new content of meta, except the generations
     * @param row the new unencrypted row
     * @param terms the new index terms; null if the index stays
     */
    public Change prepare(
            StoredPatron before,
            PatronMeta was,
            PatronRow row,
            Map<PatronField, byte[]> changed,
            PatronMeta facts,
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
        PatronMeta now = facts.at(generations);
        return new Change(before, row, changed, values, now, sealing.meta(before, row, now), terms);
    }

    /**
     * Returns the stored patron inside an act, in the version that was read. The vault itself may have indexed it again
     * or re-encrypted it since, which changes generations alone.
     */
    private StoredPatron current(WriteTx tx, StoredPatron read) {
        return tx.patrons()
                .find(read.id())
                .filter(now -> now.row().version() == read.row().version())
                .orElseThrow(PatronContext::changedMeanwhile);
    }

    /** Writes a change by compare-and-set, inside an act; returns its log subject. */
    public Subject update(WriteTx tx, Change change) {
        StoredPatron now = current(tx, change.before());
        boolean asRead = PatronRowSealer.generation(now, PatronField.META)
                == PatronRowSealer.generation(change.before(), PatronField.META);
        Change on = asRead ? change : again(now, change);
        List<ValueRow> values = new ArrayList<>(on.values());
        values.add(on.meta());
        if (on.terms() != null) {
            parts.index().retire(tx, parts.vault().labels(parts.vault().known(now)));
            PatronLabels labels = parts.index().put(tx, on.row().id(), on.row().indexGeneration(), on.terms());
            values.add(sealing.labels(on.row().id(), PatronRowSealer.generation(now, PatronField.LABELS) + 1, labels));
        }
        requests.follow(tx, on.row().id(), on.facts().consents());
        values.replaceAll(value -> sealing.underPrimary(on.row(), value));
        if (!tx.patrons().update(now, on.row(), values)) {
            throw PatronContext.changedMeanwhile();
        }
        return sealing.subject(on.row(), values);
    }

    /** Encrypts the change again for the generations that the vault itself has written meanwhile. */
    private Change again(StoredPatron now, Change change) {
        PatronMeta was = parts.vault().facts(now);
        return prepare(now, was, change.row(), change.changed(), change.facts(), change.terms());
    }

    /** Erases a patron in the version that was read, inside an act. */
    public void erase(WriteTx tx, StoredPatron read) {
        StoredPatron now = current(tx, read);
        PatronLabels labels = parts.vault().labels(parts.vault().known(now));
        if (!tx.patrons().erase(now)) {
            throw PatronContext.changedMeanwhile();
        }
        parts.index().retire(tx, labels);
        requests.remove(tx, now.id());
    }

    /**
     * Repeats an erasure that the current rows do not have, inside an act; returns its log subject.
     *
     * @param version the least version of the erasure
     */
    public Subject bury(WriteTx tx, PatronId id, long version) {
        Optional<StoredPatron> now = tx.patrons().find(id);
        now.ifPresent(stored ->
                parts.index().clear(tx, new PostingClearer(), id, parts.vault().labelsAlone(stored), List.of()));
        long above = now.map(stored -> stored.row().version() + 1).orElse(2L);
        tx.patrons().bury(id, Math.max(version, above));
        requests.remove(tx, id);
        return Subject.opened(id, Set.of(PatronField.values()));
    }

    /** Encrypts a consent or its withdrawal; only meta changes. */
    public Change saying(StoredPatron stored, PatronMeta was, Consent said) {
        return prepare(stored, was, stored.row().next(false), Map.of(), was.saying(said), null);
    }

    /** Writes a change as an act of its own, and keeps {@code answer} for a repeated request. */
    public void write(AccessEvent event, Change change, Optional<IdempotencyStore.Key> replay, String answer) {
        write(event, change, Reservation.NONE, replay, entry -> answer);
    }

    /** Writes a change as an act of its own that also takes {@code reservation}, and keeps {@code answer}. */
    public void write(
            AccessEvent event,
            Change change,
            Reservation reservation,
            Optional<IdempotencyStore.Key> replay,
            String answer) {
        write(event, change, reservation, replay, entry -> answer);
    }

    /** Writes a change as an act of its own; {@code answer} gets the number of the log entry. */
    public void write(
            AccessEvent event,
            Change change,
            Reservation reservation,
            Optional<IdempotencyStore.Key> replay,
            LongFunction<String> answer) {
        IdempotencyStore kept = parts.access().replay();
        kept.requireUsable(replay);
        parts.log().call(event, now -> {
            Set<Alert> reached = reservation.take(now.tx());
            kept.requireFirst(now.tx(), replay);
            Subject subject = update(now.tx(), change);
            kept.keep(now.tx(), replay, answer.apply(now.entry()));
            return Decision.done(event.on(List.of(subject))).alerting(reached);
        });
    }
}

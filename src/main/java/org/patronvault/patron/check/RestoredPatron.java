package org.patronvault.patron.check;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.index.PostingClearer;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.core.vault.ValueCodec;
import org.patronvault.patron.erasure.SealedPairwiseReset;
import org.patronvault.patron.record.ErasureRequests;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronTerms;

/**
 * One patron being restored: with the state of the copy, above every version and generation used since. A row still in
 * the database as it was stays as it is. Only a changed value is opened and re-encrypted. For one act.
 */
final class RestoredPatron {
    /** Fields that may be erased while the patron stays. */
    private static final Set<PatronField> MAY_BE_ERASED =
            EnumSet.of(PatronField.ADDRESS, PatronField.PHONE, PatronField.EMAIL);

    private final PatronContext parts;
    private final StoredPatron then;
    private final Optional<StoredPatron> now;
    private final ChangesSinceBackup since;
    private final AuditReceipt receipt;
    private final PatronVault.VerifiedPatron source;
    private final Optional<PatronVault.VerifiedPatron> live;
    private final Map<PatronField, ValueRow> rows = new EnumMap<>(PatronField.class);
    private final Map<PatronField, ValueRow> written = new EnumMap<>(PatronField.class);
    private PersonalData found = PersonalData.NOTHING;
    private final Set<PatronField> set = EnumSet.noneOf(PatronField.class);

    private RestoredPatron(
            PatronContext parts,
            StoredPatron then,
            Optional<StoredPatron> now,
            ChangesSinceBackup since,
            AuditReceipt receipt,
            PatronVault.VerifiedPatron source) {
        this.parts = parts;
        this.then = then;
        this.now = now;
        this.since = since;
        this.receipt = receipt;
        this.source = source;
        this.live = now.flatMap(parts.vault()::sound);
    }

    /**
     * The patron, ready to be written. Empty if a required value can no longer be opened, or differs from what was
     * written then.
     *
     * @param then the rows of the copy
     * @param now the current rows of the database, in whatever state
     * @param receipt of a log entry that names the patron and every personal field
     */
    static Optional<RestoredPatron> of(
            PatronContext parts,
            StoredPatron then,
            Optional<StoredPatron> now,
            ChangesSinceBackup since,
            AuditReceipt receipt) {
        PatronVault vault = parts.vault();
        // Prefers a row of an equal write under the current keys: those of then may be destroyed.
        StoredPatron rows = StoredPatron.of(
                then.row(),
                then.values().values().stream()
                        .map(value -> sameWrite(vault, then, now, value.field()).orElse(value))
                        .toList());
        try {
            RestoredPatron returned = new RestoredPatron(parts, then, now, since, receipt, vault.known(rows));
            boolean whole = PatronField.personal().stream().allMatch(returned::take);
            return whole ? Optional.of(returned) : Optional.empty();
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    private static Optional<ValueRow> sameWrite(
            PatronVault vault, StoredPatron then, Optional<StoredPatron> now, PatronField field) {
        return now.map(stored -> new StoredPatron(then.row(), stored.values()))
                .filter(stored -> vault.isLast(then, stored, Optional.empty(), field))
                .flatMap(stored -> stored.value(field));
    }

    private PatronId id() {
        return then.id();
    }

    /** Takes the value of that field; returns whether there is one. */
    private boolean take(PatronField field) {
        if (since.isEmptied(field)) {
            return takeNothing(field);
        }
        if (MAY_BE_ERASED.contains(field) && isWrittenMeanwhile(field)) {
            return takeNow(field);
        }
        Optional<ValueRow> last = now.filter(stored -> parts.vault().isLast(then, stored, since.last(field), field))
                .flatMap(stored -> stored.value(field));
        if (parts.vault().hasKek(source.stored(), field)) {
            boolean stays =
                    last.filter(source.stored().values().get(field)::equals).isPresent();
            if (stays) {
                rows.put(field, last.get());
                from(source, field);
            } else {
                // The receipt is good once: the re-encrypted value also makes the index entries.
                PersonalData data = open(source, field);
                write(sealed(field, ValueCodec.value(data, field)));
                from(source, field, data);
            }
            return true;
        }
        if (last.isPresent() && live.isPresent()) {
            rows.put(field, last.get());
            from(live.get(), field);
            return true;
        }
        return takeNothing(field);
    }

    /**
     * Whether the field was written after the log was read for this plan, by the sealed meta. An unencrypted row could
     * say anything.
     */
    private boolean isWrittenMeanwhile(PatronField field) {
        long known = Math.max(
                generation(Optional.of(then), field),
                since.last(field).map(Subject.Write::generation).orElse(0L));
        return live.filter(patron -> patron.facts().generations().getOrDefault(field, 0L) > known)
                .isPresent();
    }

    /** Keeps the current value: it may be all that is left after an erasure that has a certificate. */
    private boolean takeNow(PatronField field) {
        Optional<ValueRow> written = live.flatMap(patron -> patron.stored().value(field));
        if (written.isEmpty()) {
            return takeNothing(field);
        }
        rows.put(field, written.get());
        from(live.get(), field);
        return true;
    }

    /** Leaves out an optional field, rather than the whole patron. */
    private boolean takeNothing(PatronField field) {
        switch (field) {
            case ADDRESS -> write(sealed(field, ValueCodec.address(Address.NONE)));
            case PHONE, EMAIL -> write(sealed(field, ValueCodec.list(List.of())));
            default -> {
                return false;
            }
        }
        return true;
    }

    private ValueRow sealed(PatronField field, byte[] value) {
        return parts.vault().seal(id(), field, next(field), value);
    }

    private void write(ValueRow row) {
        rows.put(row.field(), row);
        written.put(row.field(), row);
    }

    private void from(PatronVault.VerifiedPatron known, PatronField field) {
        from(known, field, PatronTerms.fields().contains(field) ? open(known, field) : PersonalData.NOTHING);
    }

    private void from(PatronVault.VerifiedPatron known, PatronField field, PersonalData data) {
        if (known.facts().set().contains(field)) {
            set.add(field);
        }
        found = found.or(data);
    }

    private PersonalData open(PatronVault.VerifiedPatron known, PatronField field) {
        return parts.vault().openKnown(known, Set.of(field), receipt, Actor.VAULT, Purpose.REINDEX);
    }

    /** A generation above all stored or logged ones of that field. */
    private long next(PatronField field) {
        long logged = since.last(field).map(Subject.Write::generation).orElse(0L);
        return Math.max(Math.max(generation(Optional.of(then), field), generation(now, field)), logged) + 1;
    }

    private static long generation(Optional<StoredPatron> stored, PatronField field) {
        return stored.flatMap(patron -> patron.value(field))
                .map(ValueRow::generation)
                .orElse(0L);
    }

    private PatronRow row() {
        PatronRow was = then.row();
        PatronRow is = now.map(StoredPatron::row).orElse(was);
        long writes = since.writes(then);
        // Each write raises either number by one at most.
        return new PatronRow(
                id(),
                Math.max(is.version(), was.version() + writes) + 1,
                Math.max(is.indexGeneration(), was.indexGeneration() + writes) + 1,
                was.attributes());
    }

    /** Writes the patron, inside the act; returns its log subject. */
    Subject write(WriteTx tx, PostingClearer clearing) {
        PatronRow row = row();
        write(sealed(PatronField.LABELS, index(tx, clearing, row).encode()));
        write(parts.vault().sealMeta(row, next(PatronField.META), facts(consents(tx))));
        tx.patrons().put(StoredPatron.of(row, rows.values()));
        return Subject.written(id(), written.keySet(), parts.vault().writes(row, List.copyOf(written.values())));
    }

    private PatronLabels index(WriteTx tx, PostingClearer clearing, PatronRow row) {
        var terms = PatronTerms.of(found);
        parts.index().clear(tx, clearing, id(), now.flatMap(parts.vault()::labelsAlone), terms);
        try {
            return parts.index().put(tx, id(), row.indexGeneration(), terms);
        } catch (Refused e) {
            throw e.problem() == Problem.CARD_IN_USE
                    ? new Refused(
                            Problem.CARD_IN_USE,
                            "Patron " + id()
                                    + " had a card then that is another patron's now; nothing was brought back."
                                    + " Take a newer backup, or erase who has the card now.")
                    : e;
        }
    }

    /** Protection and resets at vendors are the current ones; {@code consents} are passed in. */
    private PatronMeta facts(Consents consents) {
        PatronMeta was = source.facts();
        PatronMeta is = live.map(PatronVault.VerifiedPatron::facts).orElse(was);
        Map<PatronField, Long> generations = new EnumMap<>(PatronField.class);
        rows.forEach((field, row) -> generations.put(field, row.generation()));
        return new PatronMeta(
                set,
                was.isProtected() || is.isProtected(),
                is.isDecoy(),
                generations,
                consents,
                new SealedPairwiseReset(parts.custody()).add(is.forgotten(), since.forgotten()),
                was.importFingerprint());
    }

    /**
     * The consents: the current ones or, if those cannot be read, those of the copy. Then a consent that may have been
     * withdrawn since does not count, since silence is no (P9).
     */
    private Consents consents(Tx tx) {
        Consents was = source.facts().consents();
        boolean isWrittenSince = since.last(PatronField.META)
                .filter(last -> last.generation() > generation(Optional.of(then), PatronField.META))
                .isPresent();
        if (live.isPresent() || !isWrittenSince) {
            return live.map(PatronVault.VerifiedPatron::facts)
                    .map(PatronMeta::consents)
                    .orElse(was);
        }
        boolean isWithdrawn = new ErasureRequests(parts.access(), parts.custody()).holds(tx, id());
        Consents all = was;
        for (String purpose : Consent.PURPOSES) {
            Optional<Consent> given =
                    was.last(purpose).filter(one -> one.given() && (isWithdrawn || !purpose.equals(Consent.SERVICE)));
            all = given.map(one ->
                            new Consent(purpose, one.policy(), parts.today(), "restore", Actor.VAULT.name(), false))
                    .map(all::with)
                    .orElse(all);
        }
        return all;
    }
}

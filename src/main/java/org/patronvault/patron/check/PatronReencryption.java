package org.patronvault.patron.check;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.store.table.CurrentRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.patron.record.PatronContext;

/**
 * The re-encryption of one field of patrons, each value under a new DEK. It opens the value under the vault's own
 * purpose {@code reindex}, logged first. It writes by compare-and-set with a meta that names the next generation. The
 * patron's version stays. A value written meanwhile has a new DEK already. Safe for use by many threads.
 */
public final class PatronReencryption {
    /** The most patrons of one batch: as many as one log entry names. */
    public static final int BATCH = AccessEvent.MAX_SUBJECTS;

    /** A patron as read, and the re-encrypted value; empty for meta and labels, which the act itself encrypts. */
    private record Resealed(PatronVault.VerifiedPatron known, Optional<ValueRow> value) {}

    /** Patrons whose value is ready to be written. */
    public static final class PreparedBatch {
        private final PatronField field;
        private final List<Resealed> patrons = new ArrayList<>();
        private int leftOut;
        private boolean opened;

        private PreparedBatch(PatronField field) {
            this.field = field;
        }

        /** How many could not be opened; they stay unchanged. */
        public int leftOut() {
            return leftOut;
        }

        /** Whether a log entry says that they were opened. */
        public boolean isOpened() {
            return opened;
        }
    }

    private final PatronContext parts;
    private final PatronRowRewrite resealing;

    public PatronReencryption(PatronContext parts) {
        this.parts = parts;
        this.resealing = new PatronRowRewrite(parts);
    }

    /** Opens a field of those of at most {@value #BATCH} patrons that exist, once it is logged. */
    public PreparedBatch open(PatronField field, List<PatronId> patrons) {
        PreparedBatch ready = new PreparedBatch(field);
        List<PatronVault.VerifiedPatron> sound = new ArrayList<>();
        Collection<StoredPatron> rows =
                parts.store().read(tx -> tx.patrons().findAll(patrons)).values();
        for (StoredPatron row : rows) {
            sound(row, field).ifPresentOrElse(sound::add, () -> ready.leftOut++);
        }
        if (!field.isPersonal() || sound.isEmpty()) {
            sound.forEach(known -> ready.patrons.add(new Resealed(known, Optional.empty())));
            return ready;
        }
        AuditReceipt receipt = receipt(field, sound);
        ready.opened = true;
        for (PatronVault.VerifiedPatron known : sound) {
            try {
                ValueRow value = parts.vault().reseal(known, field, receipt, Actor.VAULT, Purpose.REINDEX);
                ready.patrons.add(new Resealed(known, Optional.of(value)));
            } catch (IntegrityException e) {
                ready.leftOut++;
            }
        }
        return ready;
    }

    private Optional<PatronVault.VerifiedPatron> sound(StoredPatron row, PatronField field) {
        try {
            return Optional.of(parts.vault().known(row))
                    .filter(known -> parts.vault().hasKek(known.stored(), field));
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    private AuditReceipt receipt(PatronField field, List<PatronVault.VerifiedPatron> patrons) {
        AccessEvent event = parts.log()
                .event(Actor.VAULT, ActKind.REENCRYPT, Outcome.DISCLOSED, AuditLog.newRequest())
                .about(field.wireName())
                .forPurpose(Purpose.REINDEX);
        return parts.log()
                .record(event.on(patrons.stream()
                        .map(known -> Subject.opened(known.id(), Set.of(field)))
                        .toList()));
    }

    /**
     * Writes the values, inside an act. Returns the log subject of each patron that still exists with the value that
     * was read.
     */
    public List<Subject> write(WriteTx tx, PreparedBatch ready) {
        Map<PatronId, CurrentRows.CurrentPatron> current = tx.current()
                .of(ready.patrons.stream().map(one -> one.known().id()).toList());
        List<Subject> written = new ArrayList<>();
        for (Resealed one : ready.patrons) {
            PatronVault.VerifiedPatron read = one.known();
            Optional<PatronVault.VerifiedPatron> now = read.isStill(current.get(read.id()))
                    ? Optional.of(read)
                    : tx.patrons().find(read.id()).map(parts.vault()::known);
            now.filter(known -> generation(known, ready.field) == generation(read, ready.field))
                    .ifPresent(known -> written.add(write(tx, ready.field, known, one.value())));
        }
        return written;
    }

    private Subject write(WriteTx tx, PatronField field, PatronVault.VerifiedPatron known, Optional<ValueRow> value) {
        return field == PatronField.LABELS
                ? resealing
                        .relabel(tx, List.of(known), List.of(parts.vault().labels(known)))
                        .get(0)
                : resealing.renew(tx, known, value.map(List::of).orElse(List.of()));
    }

    private static long generation(PatronVault.VerifiedPatron known, PatronField field) {
        return known.stored().value(field).orElseThrow().generation();
    }
}

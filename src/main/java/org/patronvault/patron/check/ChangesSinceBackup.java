package org.patronvault.patron.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.keys.LedgerLine.ForgottenAt;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;

/** The changes of one patron since the backup, from the access log and keys/ledger. For one thread. */
final class ChangesSinceBackup {
    /** No known changes. */
    static final ChangesSinceBackup NOTHING = new ChangesSinceBackup();

    private boolean erased;
    private long writes;
    private final Set<PatronField> emptied = EnumSet.noneOf(PatronField.class);
    private final List<ForgottenAt> forgotten = new ArrayList<>();
    private final Map<PatronField, Subject.Write> last = new EnumMap<>(PatronField.class);

    /** Adds an entry. */
    void add(LogChanges.ChangedPatron changed) {
        erased |= changed.isErased();
        writes += changed.carried() ? 0 : 1;
        if (changed.carried() && changed.isErased()) {
            // How often that patron was written before is forgotten; not more often than there are entries.
            writes = Math.max(writes, changed.entry());
        }
        // Repairs in restored rows continue their generations, which are below those in the log.
        changed.subject()
                .writes()
                .forEach(write -> last.merge(write.field(), write, (a, b) -> b.generation() >= a.generation() ? b : a));
    }

    /** Adds fields that were erased without the patron. */
    void addEmptied(Set<PatronField> fields) {
        emptied.addAll(fields);
    }

    /** Adds vendors that forgot the patron. */
    void addForgotten(List<ForgottenAt> lines) {
        forgotten.addAll(lines);
    }

    /** Whether the patron was erased. */
    boolean isErased() {
        return erased;
    }

    /** Whether that field was erased without the patron. */
    boolean isEmptied(PatronField field) {
        return emptied.contains(field);
    }

    /** All vendors that ever forgot the patron. */
    List<ForgottenAt> forgotten() {
        return List.copyOf(forgotten);
    }

    /** The last write of that field, if there was one. */
    Optional<Subject.Write> last(PatronField field) {
        return Optional.ofNullable(last.get(field));
    }

    /** How often the patron was written, by the log. */
    long writes() {
        return writes;
    }

    /**
     * How often the patron was written, or more. The log misses writes in forgotten months, but the generation of meta
     * counts them: each write raises it.
     */
    long writes(StoredPatron then) {
        long before = then.value(PatronField.META).map(ValueRow::generation).orElse(0L);
        long after = last(PatronField.META).map(Subject.Write::generation).orElse(0L);
        return Math.max(writes, after - before);
    }
}

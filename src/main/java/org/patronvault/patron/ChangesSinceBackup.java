package org.patronvault.patron;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.audit.LogChanges;
import org.patronvault.audit.Subject;
import org.patronvault.keys.LedgerLine.ForgottenAt;
import org.patronvault.model.PatronField;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.ValueRow;

/** What became of a patron since the copy, as the log says, and keys/ledger. For one thread. */
final class ChangesSinceBackup {
    /** As far as anybody knows nothing. */
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
        // What is made good in rows that were put back goes on from theirs, below what the log knows.
        changed.subject()
                .writes()
                .forEach(write -> last.merge(write.field(), write, (a, b) -> b.generation() >= a.generation() ? b : a));
    }

    /** Adds fields that were erased alone. */
    void addEmptied(Set<PatronField> fields) {
        emptied.addAll(fields);
    }

    /** Adds where the patron was forgotten. */
    void addForgotten(List<ForgottenAt> lines) {
        forgotten.addAll(lines);
    }

    /** Whether the patron was erased. */
    boolean isErased() {
        return erased;
    }

    /** Whether that field alone was erased. */
    boolean isEmptied(PatronField field) {
        return emptied.contains(field);
    }

    /** Where the patron was forgotten, ever. */
    List<ForgottenAt> forgotten() {
        return List.copyOf(forgotten);
    }

    /** What was written last of that field, if anything was. */
    Optional<Subject.Write> last(PatronField field) {
        return Optional.ofNullable(last.get(field));
    }

    /** How often the log says that the patron was written. */
    long writes() {
        return writes;
    }

    /**
     * How often the patron was written, or more: what the log says no longer, of months that are over, the generation of
     * meta does, which each write raises.
     */
    long writes(StoredPatron then) {
        long before = then.value(PatronField.META).map(ValueRow::generation).orElse(0L);
        long after = last(PatronField.META).map(Subject.Write::generation).orElse(0L);
        return Math.max(writes, after - before);
    }
}

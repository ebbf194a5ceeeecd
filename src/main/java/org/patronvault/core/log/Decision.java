package org.patronvault.core.log;

import java.util.List;
import java.util.Set;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Refused;

/**
 * How an act ends, if the transaction commits.
 *
 * @param <T> the answer
 */
public sealed interface Decision<T> {

    /**
     * The act is done.
     *
     * @param entries at least one; the first is the act's own
     * @param alerts logged beside it
     * @param finish makes the answer
     */
    record Done<T>(List<AccessEvent> entries, Set<Alert> alerts, Finish<T> finish) implements Decision<T> {
        public Done {
            entries = List.copyOf(entries);
            alerts = Set.copyOf(alerts);
            if (entries.isEmpty()) {
                throw new IllegalArgumentException("an act has at least one entry");
            }
        }
    }

    /**
     * The act is refused.
     *
     * @param keeps whether what it wrote stays: a wrong password counts
     * @param why what the caller learns
     * @param entries at least one, logged in place of the attempt
     * @param alerts logged beside them
     */
    record Refusal<T>(boolean keeps, Refused why, List<AccessEvent> entries, Set<Alert> alerts) implements Decision<T> {
        public Refusal {
            entries = List.copyOf(entries);
            alerts = Set.copyOf(alerts);
            if (entries.isEmpty()) {
                throw new IllegalArgumentException("a refusal has at least one entry");
            }
        }
    }

    /** Returns what is logged: at least one entry, the act's own first. */
    List<AccessEvent> entries();

    /** Returns what is logged beside the entries. */
    Set<Alert> alerts();

    /**
     * Makes the answer once the entries are on disk. It runs on an opener's thread, and only uses the processor: it opens
     * what a receipt says, and waits for nothing.
     */
    @FunctionalInterface
    interface Finish<T> {
        T with(Receipts receipts);
    }

    /** The receipts of an act, one for each entry of its decision. */
    record Receipts(List<AuditReceipt> all) {
        /** Returns the receipt of the act's own entry. */
        public AuditReceipt first() {
            return all.get(0);
        }

        /** Returns the index of the act's own entry. */
        public long index() {
            return first().index();
        }
    }

    /** Ends with one entry; its receipt is the answer. */
    static Decision<AuditReceipt> done(AccessEvent entry) {
        return done(List.of(entry));
    }

    /** Ends with several entries; the receipt of the first is the answer. */
    static Decision<AuditReceipt> done(List<AccessEvent> entries) {
        return new Done<>(entries, Set.of(), Receipts::first);
    }

    /** Ends with one entry and an answer that is known already. */
    static <T> Decision<T> done(AccessEvent entry, T answer) {
        return done(List.of(entry), answer);
    }

    /** Ends with several entries and an answer that is known already. */
    static <T> Decision<T> done(List<AccessEvent> entries, T answer) {
        return new Done<>(entries, Set.of(), receipts -> answer);
    }

    /** Ends with one entry and an answer that names the entry or opens what it discloses. */
    static <T> Decision<T> finishing(AccessEvent entry, Finish<T> finish) {
        return new Done<>(List.of(entry), Set.of(), finish);
    }

    /** Refuses with one entry; what was written stays. */
    static <T> Decision<T> refusing(Refused why, AccessEvent entry) {
        return new Refusal<>(true, why, List.of(entry), why.alert().map(Set::of).orElse(Set.of()));
    }

    /** Refuses with these entries; what was written is undone. */
    static <T> Decision<T> undoing(Refused why, List<AccessEvent> entries) {
        return new Refusal<>(false, why, entries, why.alert().map(Set::of).orElse(Set.of()));
    }

    /** Returns this decision with alerts beside it. */
    default Decision<T> alerting(Set<Alert> alerts) {
        if (this instanceof Done<T> done) {
            return new Done<>(done.entries(), alerts, done.finish());
        }
        return this instanceof Refusal<T> refusal
                ? new Refusal<>(refusal.keeps(), refusal.why(), refusal.entries(), alerts)
                : this;
    }
}

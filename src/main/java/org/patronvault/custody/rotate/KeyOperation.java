package org.patronvault.custody.rotate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * A kind of long work on keys, done in batches. {@link Operations} keeps the row, the lease, the pace and the log; a
 * kind defines the values to move. Every write is a compare-and-set, since two servers may work at one operation for a
 * moment.
 */
public interface KeyOperation {

    /** Returns the name of the kind in the row. */
    String kind();

    /** Returns its name in the log. */
    default ActKind act() {
        return ActKind.ROTATE;
    }

    /** Counts the values to move. */
    long total(Tx tx, String field);

    /**
     * Prepares the work, for example with a new primary version of a key. Runs inside the act that begins the
     * operation. The log's lock keeps every other writer of the ring out, and its entry records the ring's new state.
     */
    void begin(WriteTx tx, String field);

    /** Starts or resumes the work, from the place in the row. For one thread. */
    Run run(Operation operation);

    /** The work of one process. */
    interface Run extends AutoCloseable {

        /**
         * Prepares the next batch, outside any transaction and while the previous one is still being written; empty at
         * the end.
         *
         * @param atMost how many values it may hold, 1 or more
         */
        Optional<Batch> next(int atMost);

        /**
         * Ends the work, inside the act that ends the operation. Returns {@link Operation#complete} of it after the
         * last changes, or the unchanged operation if more work was found.
         */
        Operation end(WriteTx tx, Operation now);

        /**
         * Returns the patrons whose values could not be moved, as far as one entry can name them; call it after the
         * end.
         */
        default List<Subject> leftBehind() {
            return List.of();
        }

        @Override
        default void close() {
            // Most runs hold no resources.
        }
    }

    /** Values that are ready to be written. */
    interface Batch {

        /** Returns how many values it has; the rate counts them. */
        int size();

        /** Returns how many log entries its preparation wrote. */
        default int entriesBefore() {
            return 0;
        }

        /**
         * Writes the values, inside an act.
         *
         * @param now the operation as it is
         * @param event the log entry, without the number of moved values
         */
        BatchResult write(WriteTx tx, Operation now, AccessEvent event);
    }

    /**
     * The result of a batch.
     *
     * @param after the operation with the values {@link Operation#moved}
     * @param entries the log entries: one, or more if one cannot name every patron
     */
    record BatchResult(Operation after, List<AccessEvent> entries) {

        /** Returns the result of a batch whose log entry has the number of moved values. */
        public static BatchResult counted(Operation now, AccessEvent event, long moved, String at) {
            return new BatchResult(now.moved(moved, at), List.of(event.counting(moved)));
        }

        /** Returns the result of a batch whose log entries name the patrons that were decrypted and written. */
        public static BatchResult naming(Operation after, AccessEvent event, List<Subject> written) {
            AccessEvent entry = event.forPurpose(Purpose.REINDEX);
            List<AccessEvent> entries = new ArrayList<>();
            for (List<Subject> some : AccessEvent.inEntries(written)) {
                entries.add(entry.counting(some.size()).ending(Outcome.WRITTEN).on(some));
            }
            return new BatchResult(after, entries.isEmpty() ? List.of(entry.counting(0)) : entries);
        }
    }
}

package org.patronvault.custody;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Subject;
import org.patronvault.model.Purpose;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * One kind of long work on keys, in batches. {@link Operations} keeps the row, the lease, the pace and the log; a kind
 * says what is moved. Whatever it writes it writes by compare-and-set, since two servers may be at the same operation
 * for a moment.
 */
public interface KeyOperation {

    /** The name of the kind in the row. */
    String kind();

    /** What the log calls it. */
    default Act act() {
        return Act.ROTATE;
    }

    /** How many values there are to move. */
    long total(Tx tx, String field);

    /**
     * Makes so what has to be so from the first moment, such as a new primary version of a key. Runs inside the unit that
     * begins the operation, whose lock keeps every other writer of the ring out, and which says what became of the ring.
     */
    void begin(WriteTx tx, String field);

    /** Takes it up, at first or where the row says that a stop or a kill left it. For one thread. */
    Run run(Operation operation);

    /** The work as one process does it. */
    interface Run extends AutoCloseable {

        /**
         * Makes the next batch ready, outside any transaction and while the one before is still being written; empty
         * once there is none.
         *
         * @param atMost how many values it may hold, 1 or more
         */
        Optional<Batch> next(int atMost);

        /**
         * Inside the unit that ends the operation, when there is no next batch: {@link Operation#complete} of it, after
         * having made so what has to be so then; or the operation as it is if there is more to do after all.
         */
        Operation end(WriteTx tx, Operation now);

        /** Whose values could not be moved, as far as one entry can name them; once it has ended. */
        default List<Subject> leftBehind() {
            return List.of();
        }

        @Override
        default void close() {
            // Most hold nothing.
        }
    }

    /** Values made ready to be written. */
    interface Batch {

        /** How many; what the rate counts. */
        int size();

        /** How many entries of the log it took to make them ready. */
        default int entriesBefore() {
            return 0;
        }

        /**
         * Writes them, inside a unit.
         *
         * @param now the operation as it is
         * @param event what the log says of a batch, but for how many it moved
         */
        BatchResult write(WriteTx tx, Operation now, AccessEvent event);
    }

    /**
     * What a batch came to.
     *
     * @param after the operation with what was {@link Operation#moved}
     * @param entries what is logged: one, or more where one cannot name everybody
     */
    record BatchResult(Operation after, List<AccessEvent> entries) {

        /** A batch of which the log says how many it moved. */
        public static BatchResult counted(Operation now, AccessEvent event, long moved, String at) {
            return new BatchResult(now.moved(moved, at), List.of(event.counting(moved)));
        }

        /** A batch of which the log names the patrons that were opened for it and are written now. */
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

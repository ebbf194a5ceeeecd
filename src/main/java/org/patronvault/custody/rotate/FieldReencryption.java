package org.patronvault.custody.rotate;

import java.util.List;
import java.util.Optional;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.check.PatronReencryption;

/**
 * The re-encryption of every value of a field under a new DEK, patron by patron in the order of their IDs. It is for a
 * DEK, or an old copy of one, that may be known. The KEK stays; to change it as well, rotate first.
 *
 * <p>A value that does not authenticate, or needs a destroyed version, is left and counted, and the operation ends
 * failed.
 */
public final class FieldReencryption implements KeyOperation {
    public static final String KIND = "reencrypt";

    private final Store store;
    private final AuditLog log;
    private final PatronReencryption reencryption;

    FieldReencryption(Store store, AuditLog log, Patrons patrons) {
        this.store = store;
        this.log = log;
        this.reencryption = patrons.reencryption();
    }

    /**
     * The progress as the row has it: 16 hexadecimal digits, a blank, and a number.
     *
     * @param last the last patron that is done, with all before
     * @param leftOut how many values could not be decrypted
     */
    private record Place(long last, long leftOut) {
        static Place of(String at) {
            if (at.isEmpty()) {
                return new Place(Long.MIN_VALUE, 0);
            }
            String[] words = at.split(" ", 2);
            return new Place(PatronId.parse(words[0]).orElseThrow().number(), Long.parseLong(words[1]));
        }

        @Override
        public String toString() {
            return new PatronId(last) + " " + leftOut;
        }
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public ActKind act() {
        return ActKind.REENCRYPT;
    }

    @Override
    public long total(Tx tx, String field) {
        return tx.patrons().count();
    }

    /** Does nothing: the keys stay. */
    @Override
    public void begin(WriteTx tx, String field) {
        // DEKs are drawn for each value.
    }

    @Override
    public Run run(Operation operation) {
        return new Pass(
                PatronField.ofWireName(operation.field()).orElseThrow(),
                Place.of(operation.at()).last());
    }

    private final class Pass implements Run {
        private final PatronField field;
        private long from;

        private Pass(PatronField field, long from) {
            this.field = field;
            this.from = from;
        }

        @Override
        public Optional<Batch> next(int atMost) {
            List<PatronId> patrons =
                    store.read(tx -> tx.patrons().idsAfter(from, Math.min(atMost, PatronReencryption.BATCH)));
            if (patrons.isEmpty()) {
                return Optional.empty();
            }
            from = patrons.get(patrons.size() - 1).number();
            return Optional.of(batch(patrons.size(), from, reencryption.open(field, patrons)));
        }

        private Batch batch(int size, long last, PatronReencryption.PreparedBatch ready) {
            return new Batch() {
                @Override
                public int size() {
                    return size;
                }

                @Override
                public int entriesBefore() {
                    return ready.isOpened() ? 1 : 0;
                }

                @Override
                public BatchResult write(WriteTx tx, Operation now, AccessEvent event) {
                    List<Subject> written = reencryption.write(tx, ready);
                    Place place = new Place(last, Place.of(now.at()).leftOut() + ready.leftOut());
                    return BatchResult.naming(now.moved(size - ready.leftOut(), place.toString()), event, written);
                }
            };
        }

        /** Patrons erased meanwhile have no value left, and patrons registered meanwhile were not counted. */
        @Override
        public Operation end(WriteTx tx, Operation now) {
            long leftOut = Place.of(now.at()).leftOut();
            return now.moved(now.total() - leftOut - now.done(), "").complete(leftOut);
        }

        /** Purges replaced values from the database files. */
        @Override
        public void close() {
            log.purge(0);
        }
    }
}

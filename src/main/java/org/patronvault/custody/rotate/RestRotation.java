package org.patronvault.custody.rotate;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.patronvault.access.Access;
import org.patronvault.access.KeyVersionUsage;
import org.patronvault.core.dual.RowKeyRotation;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.AuthorityRows.Row;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The rotation of the keys that protect no patron field (format.md, "Rotation of the rest"). Each gets a new primary
 * version at once, and the next log entry about patrons uses another content key. Then each authority row is moved to
 * it, one after the other, and the ledger as a whole. A client key or a password stays under its version until its owner
 * uses it.
 *
 * <p>A row that was changed outside the vault is left and counted, and the operation ends failed.
 */
final class RestRotation implements KeyOperation {
    private static final String KIND = "rotate-rest";

    private final Store store;
    private final KeyCustody custody;
    private final RowKeyRotation rows;
    private final KeyVersionUsage kept;
    private final UnaryOperator<LedgerLine> sealedAgain;

    RestRotation(Store store, KeyCustody custody, Access access, UnaryOperator<LedgerLine> sealedAgain) {
        this.store = store;
        this.custody = custody;
        this.rows = access.authority().renewal();
        this.kept = access.keptUntilUsed();
        this.sealedAgain = sealedAgain;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public long total(Tx tx, String field) {
        return field.equals(Rotations.REST) ? tx.authority().count() : 0;
    }

    @Override
    public void begin(WriteTx tx, String field) {
        custody.addVersion(Rotations.keys(field).toArray(String[]::new));
        if (field.equals(Rotations.REST)) {
            custody.closeContentKeys();
        }
    }

    @Override
    public Run run(Operation operation) {
        return operation.field().equals(Rotations.REST) ? new Pass(operation) : new Step();
    }

    /** The one step of a key under which no value is stored. */
    private final class Step implements Run {
        @Override
        public Optional<Batch> next(int atMost) {
            return Optional.empty();
        }

        @Override
        public Operation end(WriteTx tx, Operation now) {
            retire(tx, now);
            return now.complete(0);
        }
    }

    private void retire(WriteTx tx, Operation now) {
        List<String> names = Rotations.keys(now.field());
        custody.keys().inventory().stream()
                .filter(key -> names.contains(key.name()) && key.state() == KeyState.ACTIVE)
                .filter(key -> kept.count(tx, key.name(), key.version()) == 0)
                .forEach(key -> custody.retire(key.name(), key.version()));
    }

    /**
     * A pass over the rows in the order of kinds and names, repeated until one moves none; the ledger follows each
     * pass.
     */
    private final class Pass implements Run {
        private final String operation;
        private String kind = "";
        private String name = "";
        private boolean moved = true;

        private Pass(Operation operation) {
            this.operation = operation.id();
        }

        @Override
        public Optional<Batch> next(int atMost) {
            List<Row> read = store.read(tx -> tx.authority().allAfter(kind, name, atMost));
            if (read.isEmpty()) {
                custody.ledger().renew(sealedAgain);
                return Optional.empty();
            }
            Row last = read.get(read.size() - 1);
            kind = last.kind();
            name = last.name();
            return Optional.of(batch(read));
        }

        private Batch batch(List<Row> read) {
            return new Batch() {
                @Override
                public int size() {
                    return read.size();
                }

                @Override
                public BatchResult write(WriteTx tx, Operation now, AccessEvent event) {
                    long written = read.stream().filter(row -> renew(tx, row)).count();
                    moved |= written > 0;
                    return BatchResult.counted(now, event, written, "");
                }
            };
        }

        private boolean renew(WriteTx tx, Row row) {
            try {
                return !isOwn(row) && rows.renew(tx, row.kind(), row.name());
            } catch (IntegrityException e) {
                return false;
            }
        }

        /** Whether this is the operation's own row, which each batch writes. */
        private boolean isOwn(Row row) {
            return row.kind().equals(Operation.ROWS) && row.name().equals(operation);
        }

        @Override
        public Operation end(WriteTx tx, Operation now) {
            int newest = custody.keys().rows().newestVersion();
            long left = rows.versions(tx).entrySet().stream()
                            .filter(version -> version.getKey() < newest)
                            .mapToLong(Map.Entry::getValue)
                            .sum()
                    + rows.refused(tx);
            if (left > 0 && moved) {
                moved = false;
                kind = "";
                name = "";
                return now;
            }
            if (left == 0) {
                retire(tx, now);
            }
            return now.moved(Math.max(0, now.total() - left - now.done()), "").complete(left);
        }
    }
}

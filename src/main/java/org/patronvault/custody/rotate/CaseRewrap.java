package org.patronvault.custody.rotate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.CaseRows;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The rotation of the KEK of disclosure cases, as {@link Rewrap} does it for patron fields. It makes a new primary
 * version at once. Then it rewraps each cell's DEK by compare-and-set. A cell that does not authenticate is left and
 * counted, and the operation ends failed.
 */
final class CaseRewrap implements KeyOperation {
    private static final String KIND = "rotate-case";

    private final Store store;
    private final KeyCustody custody;

    CaseRewrap(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /** A cell under its older version, and its envelope under the primary one. */
    private record RewrappedCell(CaseRows.Cell read, byte[] envelope) {}

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public long total(Tx tx, String field) {
        return tx.cases().count();
    }

    @Override
    public void begin(WriteTx tx, String field) {
        custody.addVersion(KeyName.CASE);
    }

    @Override
    public Pass run(Operation operation) {
        return new Pass();
    }

    /** A pass over the cells of older versions in the order of their numbers, repeated until one moves none. */
    final class Pass implements Run {
        private long after = Long.MIN_VALUE;
        private boolean moved = true;

        @Override
        public Optional<Batch> next(int atMost) {
            int primary = custody.keys().cases().primaryVersion();
            List<CaseRows.Cell> read = store.read(tx -> tx.cases().notUnder(primary, after, atMost));
            if (read.isEmpty()) {
                return Optional.empty();
            }
            after = read.get(read.size() - 1).id();
            List<RewrappedCell> rewrapped = new ArrayList<>();
            for (CaseRows.Cell cell : read) {
                rewrapped(cell).ifPresent(rewrapped::add);
            }
            return Optional.of(batch(read.size(), rewrapped));
        }

        private Optional<RewrappedCell> rewrapped(CaseRows.Cell cell) {
            try {
                byte[] envelope =
                        custody.keys().cases().rewrap(new CaseId(cell.id()), cell.generation(), cell.envelope());
                return Optional.of(new RewrappedCell(cell, envelope));
            } catch (IntegrityException | IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        private Batch batch(int size, List<RewrappedCell> rewrapped) {
            return new Batch() {
                @Override
                public int size() {
                    return size;
                }

                @Override
                public BatchResult write(WriteTx tx, Operation now, AccessEvent event) {
                    long written = rewrapped.stream()
                            .filter(one -> tx.cases().rewrap(one.read(), one.envelope()))
                            .count();
                    moved |= written > 0;
                    return BatchResult.counted(now, event, written, "");
                }
            };
        }

        /** Counts the remaining cells, after retiring versions that no cell needs. */
        long left(WriteTx tx) {
            int primary = custody.keys().cases().primaryVersion();
            List<Integer> hanging = tx.cases().versions();
            custody.keys().inventory().stream()
                    .filter(key -> key.name().equals(KeyName.CASE) && key.state() == KeyState.ACTIVE)
                    .filter(key -> !hanging.contains(key.version()))
                    .forEach(key -> custody.retire(KeyName.CASE, key.version()));
            return hanging.stream()
                    .filter(version -> version != primary)
                    .mapToLong(version -> tx.cases().count(version))
                    .sum();
        }

        /** Whether this pass moved anything; then it starts again. */
        boolean again() {
            boolean was = moved;
            moved = false;
            after = Long.MIN_VALUE;
            return was;
        }

        @Override
        public Operation end(WriteTx tx, Operation now) {
            long left = left(tx);
            return left > 0 && again() ? now : now.complete(left);
        }
    }
}

package org.patronvault.custody;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.patronvault.audit.AccessEvent;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeyState;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.patron.PatronVault;
import org.patronvault.store.PatronRow;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.ValueRow;
import org.patronvault.store.WrapRows.Rewrapped;
import org.patronvault.store.WriteTx;

/**
 * Rotates the KEK of a patron field: a new primary version at once, then every value of an older one gets its DEK
 * wrapped anew, by compare-and-set on generation and KEK version, while reads and writes go on. What is sealed meanwhile
 * is sealed under the new version. Versions that nothing hangs on any more are retired in the unit that ends it.
 *
 * <p>A value that does not authenticate is left as it is and told of; the others are rewrapped, the operation ends
 * failed, and the version it hangs on stays.
 */
final class Rewrap implements Work {
    private final Store store;
    private final KeyCustody custody;
    private final PatronVault vault;

    Rewrap(Store store, KeyCustody custody, PatronVault vault) {
        this.store = store;
        this.custody = custody;
        this.vault = vault;
    }

    @Override
    public String kind() {
        return "rotate";
    }

    @Override
    public long total(Tx tx, String field) {
        return total(tx, of(field), tx.wraps().versions(of(field)));
    }

    private static long total(Tx tx, PatronField field, List<Integer> versions) {
        return versions.stream()
                .mapToLong(version -> tx.wraps().count(field, version))
                .sum();
    }

    @Override
    public void begin(WriteTx tx, String field) {
        custody.addVersion(field);
    }

    private static PatronField of(String field) {
        return PatronField.ofWireName(field).orElseThrow();
    }

    private List<Integer> old(Tx tx, PatronField field) {
        int primary = vault.primaryVersion(field);
        return tx.wraps().versions(field).stream()
                .filter(version -> version != primary)
                .toList();
    }

    @Override
    public Run run(Operation operation) {
        return new Pass(of(operation.field()));
    }

    /** Values of older versions, in the order of versions and ids, again and again until a pass moves none. */
    private final class Pass implements Run {
        private final PatronField field;
        private Iterator<Integer> versions;
        private Optional<Integer> version = Optional.empty();
        private long from;
        private boolean moved = true;

        private Pass(PatronField field) {
            this.field = field;
            begin();
        }

        private void begin() {
            versions = store.read(tx -> old(tx, field)).iterator();
            nextVersion();
        }

        private void nextVersion() {
            version = versions.hasNext() ? Optional.of(versions.next()) : Optional.empty();
            from = Long.MIN_VALUE;
        }

        @Override
        public Optional<Batch> next(int atMost) {
            while (version.isPresent()) {
                List<Hanging> read = read(version.get(), atMost);
                if (!read.isEmpty()) {
                    long last = read.get(read.size() - 1).value().patron().number();
                    from = last + 1;
                    if (read.size() < atMost || last == Long.MAX_VALUE) {
                        nextVersion();
                    }
                    return Optional.of(ready(read));
                }
                nextVersion();
            }
            return Optional.empty();
        }

        /** For meta with the row in clear that it is bound to, of the same snapshot. */
        private List<Hanging> read(int kekVersion, int atMost) {
            return store.read(tx -> {
                List<ValueRow> values = tx.wraps().under(field, kekVersion, from, atMost);
                Map<PatronId, PatronRow> rows = field == PatronField.META
                        ? tx.patrons()
                                .inClear(values.stream().map(ValueRow::patron).toList())
                        : Map.of();
                return values.stream()
                        .map(v -> new Hanging(v, Optional.ofNullable(rows.get(v.patron()))))
                        .toList();
            });
        }

        private Batch ready(List<Hanging> read) {
            List<Rewrapped> rewrapped = new ArrayList<>();
            for (Optional<Rewrapped> one : IntStream.range(0, read.size())
                    .parallel()
                    .mapToObj(i -> rewrapped(read.get(i)))
                    .toList()) {
                one.ifPresent(rewrapped::add);
            }
            return new Batch() {
                @Override
                public int size() {
                    return read.size();
                }

                @Override
                public Written write(WriteTx tx, Operation now, AccessEvent event) {
                    int written = tx.wraps().rewrap(rewrapped);
                    moved |= written > 0;
                    return Written.counted(now, event, written, "");
                }
            };
        }

        private Optional<Rewrapped> rewrapped(Hanging one) {
            try {
                return Optional.of(new Rewrapped(one.value(), vault.rewrap(one.row(), one.value())));
            } catch (IntegrityException e) {
                return Optional.empty();
            }
        }

        @Override
        public Operation end(WriteTx tx, Operation now) {
            List<Integer> left = old(tx, field);
            retireAllBut(left);
            if (left.isEmpty()) {
                return now.complete(0);
            }
            if (!moved) {
                return now.complete(total(tx, field, left));
            }
            moved = false;
            begin();
            return now;
        }

        private void retireAllBut(List<Integer> hanging) {
            custody.keys().inventory().stream()
                    .filter(key -> key.name().equals(field.wireName()) && key.state() == KeyState.ACTIVE)
                    .filter(key -> !hanging.contains(key.version()))
                    .forEach(key -> custody.retire(key.name(), key.version()));
        }
    }

    /** A value under an older version, and for meta the row in clear of the same snapshot. */
    private record Hanging(ValueRow value, Optional<PatronRow> row) {}
}

package org.patronvault.custody.rotate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.store.table.WrapRows.RewrappedValue;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;

/**
 * The rotation of the KEK of a patron field, or of all fields and cases together. It makes a new primary version at
 * once, which encrypts new values. Then it rewraps the DEK of each older value by compare-and-set on generation and KEK
 * version, while reads and writes continue. The act that ends it retires versions that no value needs.
 *
 * <p>All fields go patron by patron, since a patron's values are stored together: each page of the table is then
 * written once, and not once for each field.
 *
 * <p>A value that does not authenticate is left and reported. The others are rewrapped, the operation ends failed, and
 * the value's version stays.
 */
final class Rewrap implements KeyOperation {
    static final String KIND = "rotate";

    private final Store store;
    private final KeyCustody custody;
    private final PatronVault vault;
    private final CaseRewrap cases;

    Rewrap(Store store, KeyCustody custody, PatronVault vault, CaseRewrap cases) {
        this.cases = cases;
        this.store = store;
        this.custody = custody;
        this.vault = vault;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public long total(Tx tx, String name) {
        long values = Rotations.fields(name).stream()
                .flatMap(field -> tx.wraps().versions(field).stream().map(version -> new Version(field, version)))
                .mapToLong(version -> version.count(tx))
                .sum();
        return isAll(name) ? values + cases.total(tx, name) : values;
    }

    @Override
    public void begin(WriteTx tx, String name) {
        Rotations.keys(name).forEach(custody::addVersion);
    }

    private static boolean isAll(String name) {
        return name.equals(Rotations.ALL);
    }

    /** Returns the versions of those fields that still have values to move. */
    private List<Version> old(Tx tx, List<PatronField> fields) {
        return fields.stream()
                .flatMap(field -> tx.wraps().versions(field).stream()
                        .filter(version -> version != vault.primaryVersion(field))
                        .map(version -> new Version(field, version)))
                .toList();
    }

    @Override
    public Run run(Operation operation) {
        return new Pass(
                Rotations.fields(operation.field()),
                isAll(operation.field()) ? Optional.of(cases.run(operation)) : Optional.empty());
    }

    /** A pass over values of older versions in the order of patrons, and then cases, repeated until one moves none. */
    private final class Pass implements Run {
        private final List<PatronField> fields;
        private final Optional<CaseRewrap.Pass> ofCases;
        private List<Version> old;
        private OptionalLong after;
        private final Map<PatronId, Set<PatronField>> damaged = new LinkedHashMap<>();
        private boolean moved = true;

        private Pass(List<PatronField> fields, Optional<CaseRewrap.Pass> ofCases) {
            this.fields = fields;
            this.ofCases = ofCases;
            begin();
        }

        private void begin() {
            damaged.clear();
            old = store.read(tx -> old(tx, fields));
            after = OptionalLong.of(Long.MIN_VALUE);
        }

        @Override
        public Optional<Batch> next(int atMost) {
            if (!old.isEmpty() && after.isPresent()) {
                List<OldWrap> read = store.read(tx -> read(tx, atMost));
                if (!read.isEmpty()) {
                    return Optional.of(ready(read));
                }
            }
            return ofCases.flatMap(pass -> pass.next(atMost));
        }

        /**
         * Reads equally many values of each version. It keeps those up to the lowest patron at which a version was cut
         * off; later patrons are read next time.
         */
        private List<OldWrap> read(Tx tx, int atMost) {
            int each = Math.max(1, atMost / old.size());
            long last = Long.MAX_VALUE;
            List<ValueRow> values = new ArrayList<>();
            for (Version version : old) {
                List<ValueRow> some = version.values(tx, after.getAsLong(), each);
                if (some.size() == each) {
                    last = Math.min(last, some.get(each - 1).patron().number());
                }
                values.addAll(some);
            }
            after = last == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(last);
            long end = last;
            return inClear(
                    tx,
                    values.stream()
                            .filter(value -> value.patron().number() <= end)
                            .sorted(Comparator.comparingLong(
                                    value -> value.patron().number()))
                            .toList());
        }

        /** Adds, for meta, the unencrypted row of the same snapshot, which is in its AAD. */
        private List<OldWrap> inClear(Tx tx, List<ValueRow> values) {
            Map<PatronId, PatronRow> rows = tx.patrons()
                    .inClear(values.stream()
                            .filter(value -> value.field() == PatronField.META)
                            .map(ValueRow::patron)
                            .toList());
            return values.stream()
                    .map(value -> new OldWrap(value, Optional.ofNullable(rows.get(value.patron()))))
                    .toList();
        }

        private Batch ready(List<OldWrap> read) {
            List<Optional<RewrappedValue>> tried = IntStream.range(0, read.size())
                    .parallel()
                    .mapToObj(i -> rewrapped(read.get(i)))
                    .toList();
            List<RewrappedValue> rewrapped = new ArrayList<>();
            for (int i = 0; i < read.size(); i++) {
                ValueRow value = read.get(i).value();
                tried.get(i).ifPresentOrElse(rewrapped::add, () -> leaveBehind(value));
            }
            return new Batch() {
                @Override
                public int size() {
                    return read.size();
                }

                @Override
                public BatchResult write(WriteTx tx, Operation now, AccessEvent event) {
                    int written = tx.wraps().rewrap(rewrapped);
                    moved |= written > 0;
                    return BatchResult.counted(now, event, written, "");
                }
            };
        }

        private void leaveBehind(ValueRow value) {
            if (damaged.size() < AccessEvent.MAX_SUBJECTS || damaged.containsKey(value.patron())) {
                damaged.computeIfAbsent(value.patron(), any -> EnumSet.noneOf(PatronField.class))
                        .add(value.field());
            }
        }

        private Optional<RewrappedValue> rewrapped(OldWrap one) {
            try {
                return Optional.of(new RewrappedValue(one.value(), vault.rewrap(one.row(), one.value())));
            } catch (IntegrityException e) {
                return Optional.empty();
            }
        }

        @Override
        public Operation end(WriteTx tx, Operation now) {
            List<Version> left = old(tx, fields);
            retireAllBut(left);
            long casesLeft = ofCases.map(pass -> pass.left(tx)).orElse(0L);
            if (left.isEmpty() && casesLeft == 0) {
                return now.complete(0);
            }
            boolean again = ofCases.map(CaseRewrap.Pass::again).orElse(false);
            if (!moved && !again) {
                return now.moved(0, ofCases.isPresent() ? notWell(left, casesLeft) : "")
                        .complete(casesLeft
                                + left.stream()
                                        .mapToLong(version -> version.count(tx))
                                        .sum());
            }
            moved = false;
            begin();
            return now;
        }

        private static String notWell(List<Version> left, long casesLeft) {
            return Stream.concat(
                            left.stream().map(version -> version.field().wireName()),
                            casesLeft > 0 ? Stream.of(KeyName.CASE) : Stream.empty())
                    .distinct()
                    .collect(Collectors.joining(" "));
        }

        @Override
        public List<Subject> leftBehind() {
            return damaged.entrySet().stream()
                    .map(one -> Subject.opened(one.getKey(), one.getValue()))
                    .toList();
        }

        private void retireAllBut(List<Version> hanging) {
            for (PatronField field : fields) {
                custody.keys().inventory().stream()
                        .filter(key -> key.name().equals(field.wireName()) && key.state() == KeyState.ACTIVE)
                        .filter(key -> !hanging.contains(new Version(field, key.version())))
                        .forEach(key -> custody.retire(key.name(), key.version()));
            }
        }
    }

    /** A KEK version that values need. */
    private record Version(PatronField field, int number) {
        private long count(Tx tx) {
            return tx.wraps().count(field, number);
        }

        private List<ValueRow> values(Tx tx, long after, int atMost) {
            return tx.wraps().under(field, number, after, atMost);
        }
    }

    /** A value under an older version, and for meta the unencrypted row of the same snapshot. */
    private record OldWrap(ValueRow value, Optional<PatronRow> row) {}
}

package org.patronvault.custody.rotate;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.store.table.WrapRows;
import org.patronvault.core.store.table.WrapRows.RewrappedValues;
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
        Map<PatronField, Map<Integer, Long>> counted = tx.wraps().counted();
        long values = Rotations.fields(name).stream()
                .flatMap(field -> counted.getOrDefault(field, Map.of()).values().stream())
                .mapToLong(Long::longValue)
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

    @Override
    public Run run(Operation operation) {
        return new Pass(
                Rotations.fields(operation.field()),
                isAll(operation.field()) ? Optional.of(cases.run(operation)) : Optional.empty());
    }

    /**
     * A pass over all patrons in the order of their numbers, and then cases, repeated until one meets nothing under an
     * older version, or moves nothing.
     */
    private final class Pass implements Run {
        private final List<PatronField> fields;
        private final Optional<CaseRewrap.Pass> ofCases;
        private OptionalLong after;
        private final Map<PatronId, Set<PatronField>> damaged = new LinkedHashMap<>();

        /** How many values under each older version the pass met. */
        private final Map<Version, Long> met = new LinkedHashMap<>();

        /** How many of them it moved. Others were damaged, or somebody wrote the patron meanwhile. */
        private long moved;

        private Pass(List<PatronField> fields, Optional<CaseRewrap.Pass> ofCases) {
            this.fields = fields;
            this.ofCases = ofCases;
            begin();
        }

        private void begin() {
            damaged.clear();
            met.clear();
            moved = 0;
            after = OptionalLong.of(Long.MIN_VALUE);
        }

        @Override
        public Optional<Batch> next(int atMost) {
            int patrons = Math.max(1, atMost / fields.size());
            while (after.isPresent()) {
                Map<PatronField, Integer> newest = newest();
                long from = after.getAsLong();
                WrapRows.Outdated read = store.read(tx -> tx.wraps().outdated(newest, from, patrons));
                after = read.through();
                if (!read.patrons().isEmpty()) {
                    return Optional.of(ready(read.patrons()));
                }
            }
            return ofCases.flatMap(pass -> pass.next(atMost));
        }

        private Map<PatronField, Integer> newest() {
            return fields.stream().collect(Collectors.toMap(field -> field, vault::primaryVersion));
        }

        private Batch ready(List<StoredPatron> read) {
            List<RewrappedValues> rewrapped =
                    read.parallelStream().map(this::rewrapped).toList();
            int values = 0;
            for (int i = 0; i < read.size(); i++) {
                values += read.get(i).values().size();
                note(read.get(i), rewrapped.get(i));
            }
            int size = values;
            List<RewrappedValues> written =
                    rewrapped.stream().filter(one -> !one.values().isEmpty()).toList();
            return new Batch() {
                @Override
                public int size() {
                    return size;
                }

                @Override
                public BatchResult write(WriteTx tx, Operation now, AccessEvent event) {
                    int moves = tx.wraps().rewrap(written);
                    moved += moves;
                    return BatchResult.counted(now, event, moves, "");
                }
            };
        }

        private void note(StoredPatron read, RewrappedValues rewrapped) {
            for (ValueRow value : read.values().values()) {
                met.merge(new Version(value.field(), FieldKeys.kekVersion(value.envelope())), 1L, Long::sum);
                boolean isLeft = rewrapped.values().stream().noneMatch(one -> one.field() == value.field());
                if (isLeft && (damaged.size() < AccessEvent.MAX_SUBJECTS || damaged.containsKey(read.id()))) {
                    damaged.computeIfAbsent(read.id(), any -> EnumSet.noneOf(PatronField.class))
                            .add(value.field());
                }
            }
        }

        private RewrappedValues rewrapped(StoredPatron read) {
            List<ValueRow> values = new ArrayList<>();
            for (ValueRow value : read.values().values()) {
                try {
                    byte[] envelope = vault.rewrap(Optional.of(read.row()), value);
                    values.add(new ValueRow(read.id(), value.field(), value.generation(), envelope));
                } catch (IntegrityException e) {
                    // It stays as it is, and is reported.
                }
            }
            return new RewrappedValues(read, values);
        }

        @Override
        public Operation end(WriteTx tx, Operation now) {
            long casesLeft = ofCases.map(pass -> pass.left(tx)).orElse(0L);
            long left = met.values().stream().mapToLong(Long::longValue).sum() - moved;
            if (left == 0 && casesLeft == 0) {
                // A value written since the rotation began is under the newest version.
                tx.wraps().countAnew(newest());
                retireAllBut(Set.of());
                return now.complete(0);
            }
            boolean again = ofCases.map(CaseRewrap.Pass::again).orElse(false);
            if (moved == 0 && !again) {
                retireAllBut(met.keySet());
                return now.moved(0, ofCases.isPresent() ? notWell(met.keySet(), casesLeft) : "")
                        .complete(casesLeft + left);
            }
            begin();
            return now;
        }

        private static String notWell(Set<Version> left, long casesLeft) {
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

        private void retireAllBut(Set<Version> hanging) {
            for (PatronField field : fields) {
                custody.keys().inventory().stream()
                        .filter(key -> key.name().equals(field.wireName()) && key.state() == KeyState.ACTIVE)
                        .filter(key -> !hanging.contains(new Version(field, key.version())))
                        .forEach(key -> custody.retire(key.name(), key.version()));
            }
        }
    }

    /** A KEK version that values need. */
    private record Version(PatronField field, int number) {}
}

package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.model.PatronField;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** The count of rows of each kind and their lengths, which should reveal nothing. */
final class Tally implements Look {
    /** The greatest share of a field's values with another length: 99 in 100 are promised to be alike. */
    static final double RARE_SHARE = 0.01;

    /** The row with the index versions, absent before the first rebuild. */
    private static final String REBUILD = "authority.kind[index]";

    /** By kind of row, the counts of each length, and the possible lengths. */
    private record Lengths(KnownColumns.Known known, KnownLengths rule, Map<Integer, Long> counts) {
        private boolean isExplained() {
            return rule.explained().test(counts.keySet());
        }

        private boolean isAmong(Collection<Integer> lengths) {
            return lengths.containsAll(counts.keySet());
        }

        private long all() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }

        private long most() {
            return counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
        }

        private long rare() {
            return all() - most();
        }
    }

    private final Map<String, Lengths> cells = new TreeMap<>();

    @Override
    public void row(Row row) {
        for (int i = 0; i < row.values().length; i++) {
            byte[] value = row.values()[i];
            KnownColumns.Known known = row.layout().known(i);
            if (value != null) {
                KnownLengths rule = KnownLengths.of(row.layout().column(i));
                int length = known.isRandom() ? rule.of().applyAsInt(value) : 0;
                cells.computeIfAbsent(
                                row.layout().cell(i, row.values()), any -> new Lengths(known, rule, new TreeMap<>()))
                        .counts()
                        .merge(length, 1L, Long::sum);
            }
        }
    }

    /** The number of values in that column and kind of row. */
    long count(String cell) {
        return cells.containsKey(cell) ? cells.get(cell).all() : 0;
    }

    private static String value(PatronField field) {
        return KnownColumns.cell(field);
    }

    /**
     * Checks that every number of rows reveals nothing.
     *
     * @param entries how many index entries the vault says it added, or empty if unknown
     */
    Report.Game counts(OptionalLong entries) {
        List<String> wrong = new ArrayList<>();
        long patrons = count("patron.id");
        for (PatronField field : PatronField.values()) {
            if (count(value(field)) != patrons) {
                wrong.add(value(field));
            }
        }
        long index = count("search_index.label");
        if (index % EncryptedIndex.ENTRIES != 0
                || index < EncryptedIndex.ENTRIES * patrons
                || entries.orElse(index) != index) {
            wrong.add("search_index");
        }
        Figures figures = new Figures()
                .with("patrons", patrons)
                .with("values", values())
                .with("indexEntries", index)
                .with("writesOfIndexedFields", index / EncryptedIndex.ENTRIES)
                .with("unexplained", wrong);
        return wrong.isEmpty()
                ? figures.game(
                        "counts",
                        Verdict.HOLDS,
                        "Everybody has the same: %d values each, and %d entries of the index for each of %,d writes of"
                                + " what patrons are found by.",
                        PatronField.values().length,
                        EncryptedIndex.ENTRIES,
                        index / EncryptedIndex.ENTRIES)
                : figures.game(
                        "counts",
                        Verdict.BROKEN,
                        "There are more or fewer rows than everybody has, in %s: how many there are says something."
                                + " Run `check`.",
                        String.join(", ", wrong));
    }

    private long values() {
        return Arrays.stream(PatronField.values())
                .mapToLong(field -> count(value(field)))
                .sum();
    }

    /** Checks that encrypted values have few lengths, and nearly all of a kind one. */
    Report.Game lengths() {
        List<String> wrong = new ArrayList<>();
        Map<String, Object> classes = new LinkedHashMap<>();
        long rare = 0;
        for (Map.Entry<String, Lengths> cell : cells.entrySet()) {
            Lengths lengths = cell.getValue();
            if (!lengths.known().isRandom() || lengths.rule().equals(KnownLengths.ANY)) {
                continue;
            }
            classes.put(cell.getKey(), lengths.counts());
            Optional<PatronField> ofPatron = fieldOf(cell.getKey());
            boolean isField = ofPatron.isPresent() && ofPatron.get() != PatronField.LABELS;
            rare += isField ? lengths.rare() : 0;
            if (!lengths.isExplained()
                    || !ofPatron.map(this::sizes).map(lengths::isAmong).orElse(true)
                    || (isField && Chance.isExceeded(RARE_SHARE * lengths.all(), lengths.rare()))) {
                wrong.add(cell.getKey());
            }
        }
        Figures figures =
                new Figures().with("lengths", classes).with("rare", rare).with("unexplained", wrong);
        return wrong.isEmpty()
                ? figures.game(
                        "lengths",
                        Verdict.HOLDS,
                        "Of each field 99 in 100 values have one length, or as many as chance leaves of that, and none more"
                                + " than three: %,d values are unusually long.",
                        rare)
                : figures.game(
                        "lengths",
                        Verdict.BROKEN,
                        "Too many values differ in length, in %s: how long they are says something.",
                        String.join(", ", wrong));
    }

    private static Optional<PatronField> fieldOf(String cell) {
        return Arrays.stream(PatronField.values())
                .filter(field -> value(field).equals(cell))
                .findFirst();
    }

    /**
     * The possible lengths of a field's envelopes. Two sets of labels are longer than one, and exist only after a
     * rebuild has begun. From then on the time of a patron's write tells which patrons have two.
     */
    private Collection<Integer> sizes(PatronField field) {
        List<Integer> sizes = FieldKeys.envelopeSizesBytes(field).stream()
                .map(envelope -> Long.BYTES + envelope)
                .toList();
        return field == PatronField.LABELS && count(REBUILD) == 0 ? sizes.subList(0, 1) : sizes;
    }
}

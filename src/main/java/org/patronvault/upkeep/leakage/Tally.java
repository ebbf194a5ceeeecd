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
import org.patronvault.keys.FieldKeys;
import org.patronvault.model.PatronField;
import org.patronvault.search.EncryptedIndex;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** How many there are of each kind of row, and how long they are: what there is to see is what says nothing. */
final class Tally implements Look {
    /** How many of a field may be unlike the others, where 99 in 100 are promised to be alike. */
    static final double RARE_SHARE = 0.01;

    /** The row that says which versions of the index there are; there is none before the first rebuild. */
    private static final String REBUILD = "authority.kind[index]";

    /** Of each kind of row, how many have which length, and which lengths there may be. */
    private record Lengths(KnownColumns.Known known, Map<Integer, Long> counts) {
        private boolean isExplained() {
            return known.lengths().explained().test(counts.keySet());
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
                int length = known.isRandom() ? known.lengths().of().applyAsInt(value) : 0;
                cells.computeIfAbsent(row.layout().cell(i, row.values()), any -> new Lengths(known, new TreeMap<>()))
                        .counts()
                        .merge(length, 1L, Long::sum);
            }
        }
    }

    /** How many values stand in that column, of that kind of row. */
    long count(String cell) {
        return cells.containsKey(cell) ? cells.get(cell).all() : 0;
    }

    private static String value(PatronField field) {
        return "patron_value.envelope[" + field.wireName() + "]";
    }

    /**
     * Whether every number of rows is what says nothing.
     *
     * @param entries how many the vault itself says it has added to the index; empty where nobody knows
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

    /** Whether what is sealed has few lengths, and nearly all of a kind the same. */
    Report.Game lengths() {
        List<String> wrong = new ArrayList<>();
        Map<String, Object> classes = new LinkedHashMap<>();
        long rare = 0;
        for (Map.Entry<String, Lengths> cell : cells.entrySet()) {
            Lengths lengths = cell.getValue();
            if (!lengths.known().isRandom() || lengths.known().lengths().equals(KnownLengths.ANY)) {
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
     * How long envelopes of a field may be. Two sets of labels are longer than one, and nobody has two before a rebuild has
     * begun; from then on who was written when tells who has.
     */
    private Collection<Integer> sizes(PatronField field) {
        List<Integer> sizes = FieldKeys.envelopeSizesBytes(field);
        return field == PatronField.LABELS && count(REBUILD) == 0 ? sizes.subList(0, 1) : sizes;
    }

    /** How many values of each field have a length that few have. */
    Map<String, Object> rare() {
        Map<String, Object> rare = new LinkedHashMap<>();
        for (PatronField field : PatronField.values()) {
            Lengths lengths = cells.get(value(field));
            if (lengths != null && field != PatronField.LABELS && lengths.rare() > 0) {
                rare.put(field.wireName(), lengths.rare());
            }
        }
        return rare;
    }
}

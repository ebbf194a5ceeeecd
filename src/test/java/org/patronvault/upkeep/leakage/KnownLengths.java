package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.store.table.IndexRows;

/**
 * The possible lengths of a column's values, for each kind of row.
 *
 * @param of what counts as the length of a value
 * @param explained whether values may have exactly these lengths
 */
record KnownLengths(ToIntFunction<byte[]> of, Predicate<Set<Integer>> explained) {
    /** Any lengths. */
    static final KnownLengths ANY = new KnownLengths(value -> value.length, lengths -> true);

    private static final int MOST_OF_A_FIELD = 3;

    /** Returns the rule of a column. */
    static KnownLengths of(String column) {
        if (Arrays.stream(PatronField.values())
                        .anyMatch(field -> KnownColumns.cell(field).equals(column))
                || column.equals("case_cell.envelope")) {
            return atMost(MOST_OF_A_FIELD);
        }
        return switch (column) {
            // Parts of a thousand entries, and a shorter one at the end of each run.
            case "search_index_staged.labels" -> inSteps(0, IndexRows.LABEL_BYTES);
            case "search_index_staged.vals" -> inSteps(0, IndexRows.VALUE_BYTES);
            case "access_log.leaf" -> among(LeafInClear.sealedLengths(), KnownLengths::lengthOfSubjects);
            case "idempotency.answer" -> inSteps(SealedBox.OVERHEAD_BYTES, IdempotencyStore.STEP_BYTES);
            case "log_head.frontier" -> ANY;
            default -> KnownColumns.of(column).kind() == KnownColumns.Kind.UNKNOWN ? ANY : atMost(1);
        };
    }

    /** The length of an entry's encrypted patrons, or -1 if it is no entry. */
    private static int lengthOfSubjects(byte[] leaf) {
        try {
            return LeafInClear.of(leaf).sealed().length;
        } catch (IntegrityException e) {
            return -1;
        }
    }

    /** At most this many different lengths. */
    static KnownLengths atMost(int number) {
        return new KnownLengths(value -> value.length, lengths -> lengths.size() <= number);
    }

    /** Only these lengths. */
    static KnownLengths among(Set<Integer> known, ToIntFunction<byte[]> of) {
        return new KnownLengths(of, known::containsAll);
    }

    /** A first length plus one or more equal steps, in bytes. */
    static KnownLengths inSteps(int first, int step) {
        return new KnownLengths(
                value -> value.length,
                lengths -> lengths.stream().allMatch(length -> length > first && (length - first) % step == 0));
    }
}

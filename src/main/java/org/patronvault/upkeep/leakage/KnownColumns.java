package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.store.table.IndexRows;

/**
 * The list of the vault's columns: unencrypted for a stated reason, or random-looking. A column outside the list counts
 * as unknown and is reported until someone has judged it.
 */
final class KnownColumns {
    /** The kind of a column. */
    enum Kind {
        CLEAR,
        /** Unencrypted, and a patron's number. */
        PATRON,
        RANDOM,
        /** Random-looking. A repeat means that the very same request was sent again, which the list of leaks names. */
        RANDOM_OR_AGAIN,
        UNKNOWN
    }

    /**
     * A column.
     *
     * @param lengths the possible lengths
     * @param why the content
     * @param random the part of a value that should look random
     */
    record Known(Kind kind, KnownLengths lengths, String why, UnaryOperator<byte[]> random) {
        /** Whether the column may hold a patron's number. */
        boolean mayName() {
            return kind == Kind.PATRON || kind == Kind.UNKNOWN;
        }

        /** Whether any part should look random, which unknown columns are tested for too. */
        boolean isRandom() {
            return kind != Kind.CLEAR && kind != Kind.PATRON;
        }
    }

    private static final int ENVELOPE_HEADER_BYTES = 5;
    private static final int BOX_HEADER_BYTES = 1;
    private static final int MOST_OF_A_FIELD = 3;

    private static final Set<String> COPIES =
            Set.of("search_index_staged.labels", "search_index_staged.vals", "log_head.frontier");

    /**
     * The columns that state the kind of a row in tables with several kinds. Any other unknown text may be a patron's.
     */
    private static final Map<String, String> KINDS =
            Map.of("authority", "authority.kind", "key_use", "key_use.field", "vault_fact", "vault_fact.name");

    private static final byte[] NOTHING = new byte[0];
    private static final Known UNKNOWN =
            new Known(Kind.UNKNOWN, KnownLengths.ANY, "nobody has said what it is", whole -> whole);
    private static final Map<String, Known> COLUMNS = new LinkedHashMap<>();

    static {
        Known number = new Known(Kind.PATRON, KnownLengths.ANY, "a patron's random number", whole -> NOTHING);
        put(number, "patron.id", "patron_tombstone.id");
        clear("how often the patron was written", "patron.version", "patron_tombstone.version");
        clear("how often what the patron is found by was written", "patron.index_generation");
        clear("names nobody", "patron.library", "patron.category", "patron.status", "patron.expires");
        clear("names nobody", "patron.registered");
        for (PatronField field : PatronField.values()) {
            random(
                    KnownLengths.atMost(MOST_OF_A_FIELD),
                    "how often the field was written, and its value, sealed",
                    value -> from(value, Long.BYTES + ENVELOPE_HEADER_BYTES),
                    cell(field));
        }
        clear("how many values are under each version of a key", "key_use.field", "key_use.version", "key_use.count");
        clear("how often a case had a step", "case_cell.id", "case_cell.generation");
        random(KnownLengths.atMost(MOST_OF_A_FIELD), "a case, sealed", KnownColumns::sealed, "case_cell.envelope");
        random(1, "an entry of the index", "search_index.label", "search_index.value");
        random(1, "an entry of the next index", "search_index_next.label", "search_index_next.value");
        clear("place in an import or a rebuild", "search_index_staged.n", "search_index_staged.run");
        clear("whether it is a rebuild", "search_index_staged.next");
        // Parts of a thousand entries, and a shorter one at the end of each run.
        staged(IndexRows.LABEL_BYTES, "search_index_staged.labels");
        staged(IndexRows.VALUE_BYTES, "search_index_staged.vals");
        clear("place in the log", "access_log.idx");
        random(
                KnownLengths.among(LeafInClear.sealedLengths(), KnownColumns::lengthOfSubjects),
                "an entry's patrons, sealed; the rest of it is in clear",
                KnownColumns::subjects,
                "access_log.leaf");
        clear("month and place in the log of a block of the view by patron", "log_view.month", "log_view.first");
        clear("place in a block", "log_view.page");
        random(
                KnownLengths.atMost(1),
                "a page of the view by patron, sealed",
                box -> from(box, BOX_HEADER_BYTES),
                "log_view.sealed");
        clear("place in the tree", "log_tile.level", "log_tile.position", "log_head.one", "log_head.size");
        random(1, "hashes", "log_tile.hashes");
        random(KnownLengths.ANY, "hashes", frontier -> from(frontier, Long.BYTES), "log_head.frontier");
        clear("signed checkpoints, which are published", "log_checkpoint.size", "log_checkpoint.note");
        clear("accounts, sessions, clients, limits, operations", "authority.kind", "authority.name");
        clear("accounts, sessions, clients, limits, operations", "authority.generation", "authority.body");
        random(1, "a MAC", "authority.mac");
        clear("when each session was last used", "session_use.session", "session_use.at");
        random(1, "a MAC", "session_use.mac");
        clear(
                "who opened how many patrons that day, and how many PINs were checked in which ten minutes",
                "limit_seen.actor",
                "limit_seen.day");
        random(1, "a MAC of a patron or a card", "limit_seen.token");
        random(1, "a MAC", "idempotency.key");
        again("a MAC of what was sent", "idempotency.request");
        random(
                KnownLengths.inSteps(SealedBox.OVERHEAD_BYTES, IdempotencyStore.STEP_BYTES),
                "an answer, sealed, in steps of 256 bytes",
                box -> from(box, BOX_HEADER_BYTES),
                "idempotency.answer");
        clear("when it was sent", "idempotency.at");
        clear("facts of the database; those that are secret are sealed", "vault_fact.name", "vault_fact.value");
    }

    private KnownColumns() {}

    private static void clear(String why, String... columns) {
        put(new Known(Kind.CLEAR, KnownLengths.ANY, why, whole -> NOTHING), columns);
    }

    private static void random(int lengths, String why, String... columns) {
        random(KnownLengths.atMost(lengths), why, whole -> whole, columns);
    }

    private static void random(KnownLengths lengths, String why, UnaryOperator<byte[]> part, String... columns) {
        put(new Known(Kind.RANDOM, lengths, why, part), columns);
    }

    private static void staged(int bytesEach, String column) {
        String why = "entries of an import or a rebuild that is not done";
        random(KnownLengths.inSteps(0, bytesEach), why, whole -> whole, column);
    }

    private static void again(String why, String column) {
        put(new Known(Kind.RANDOM_OR_AGAIN, KnownLengths.atMost(1), why, whole -> whole), column);
    }

    private static void put(Known known, String... columns) {
        for (String column : columns) {
            COLUMNS.put(column, known);
        }
    }

    /**
     * Returns what is known of a column.
     *
     * @param column table name, dot, column name
     */
    static Known of(String column) {
        return column.startsWith("flyway_schema_history.")
                ? new Known(
                        Kind.CLEAR, KnownLengths.ANY, "which version of the vault made the tables", whole -> NOTHING)
                : COLUMNS.getOrDefault(column, UNKNOWN);
    }

    /** The column that states the kind of a table's rows, or empty if all are of one kind. */
    static String kindOf(String table) {
        return KINDS.getOrDefault(table, "");
    }

    /** Whether the column holds data in byte order for another table, or a part of one. */
    static boolean isCopy(String column) {
        return COPIES.contains(column);
    }

    /**
     * Whether the column may hold a range in byte order: the next index fills, and the old one empties, from the first
     * label on. Only eight bytes are searched for. Once complete, it is the other table.
     */
    static boolean isStretch(String column) {
        return column.equals("search_index_next.label");
    }

    /** How many patrons a column names although naming is not its purpose: an operation names the last patron done. */
    static int patronsIn(String cell) {
        return cell.equals("authority.body[operation]") ? 1 : 0;
    }

    /** Returns the column with a field's cells. */
    static String cell(PatronField field) {
        return "patron." + field.wireName();
    }

    private static byte[] sealed(byte[] envelope) {
        return from(envelope, ENVELOPE_HEADER_BYTES);
    }

    private static byte[] from(byte[] value, int at) {
        return Arrays.copyOfRange(value, Math.min(at, value.length), value.length);
    }

    /** The length of an entry's encrypted patrons, or -1 if it is no entry. */
    private static int lengthOfSubjects(byte[] leaf) {
        try {
            return LeafInClear.of(leaf).sealed().length;
        } catch (IntegrityException e) {
            return -1;
        }
    }

    /** If it is no entry, all of it is checked. */
    private static byte[] subjects(byte[] leaf) {
        try {
            return from(LeafInClear.of(leaf).sealed(), BOX_HEADER_BYTES);
        } catch (IntegrityException e) {
            return leaf;
        }
    }
}

package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;

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
     * @param why the content
     * @param random the part of a value that should look random
     */
    record Known(Kind kind, String why, UnaryOperator<byte[]> random) {
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

    /**
     * The columns that state the kind of a row in tables with several kinds. Any other unknown text may be a patron's.
     */
    private static final Map<String, String> KINDS =
            Map.of("authority", "authority.kind", "key_use", "key_use.field", "vault_fact", "vault_fact.name");

    /** The kinds of rows in tables with several kinds. A new kind belongs in format.md too. */
    private static final Map<String, Set<String>> ROW_KINDS = Map.of(
            "key_use",
            Arrays.stream(PatronField.values()).map(PatronField::wireName).collect(Collectors.toUnmodifiableSet()),
            "authority",
            Set.of(
                    "alert-review",
                    "approval",
                    "backup",
                    "backup-turn",
                    "case",
                    "client",
                    "client-key",
                    "designation",
                    "erasure-request",
                    "index",
                    "index-size",
                    "key-copy",
                    "limit",
                    "limit-verify",
                    "lockout",
                    "mailing",
                    "operation",
                    "permission",
                    "policy",
                    "policy-review",
                    "policy-version",
                    "retention-review",
                    "second-factor",
                    "session",
                    "slot-number",
                    "slot-removal",
                    "staff",
                    "statistics"),
            "vault_fact",
            Set.of(
                    "authority-digest",
                    "key-entry",
                    "last-write",
                    "log-counts",
                    "log-forgotten",
                    "search-index-merged",
                    "search-index-next-lost",
                    "vault"));

    private static final byte[] NOTHING = new byte[0];
    private static final Known UNKNOWN =
            new Known(Kind.UNKNOWN, "this version of the vault does not know the column", whole -> whole);
    private static final Map<String, Known> COLUMNS = new LinkedHashMap<>();

    static {
        Known number = new Known(Kind.PATRON, "a patron's random number", whole -> NOTHING);
        put(number, "patron.id", "patron_tombstone.id");
        clear("how often the patron was written", "patron.version", "patron_tombstone.version");
        clear("how often what the patron is found by was written", "patron.index_generation");
        clear("names nobody", "patron.library", "patron.category", "patron.status", "patron.expires");
        clear("names nobody", "patron.registered");
        for (PatronField field : PatronField.values()) {
            random(
                    "how often the field was written, and its value, sealed",
                    value -> from(value, Long.BYTES + ENVELOPE_HEADER_BYTES),
                    cell(field));
        }
        clear("how many values are under each version of a key", "key_use.field", "key_use.version", "key_use.count");
        clear("how often a case had a step", "case_cell.id", "case_cell.generation");
        random("a case, sealed", KnownColumns::sealed, "case_cell.envelope");
        random("an entry of the index", whole -> whole, "search_index.label", "search_index.value");
        random("an entry of the next index", whole -> whole, "search_index_next.label", "search_index_next.value");
        clear("place in an import or a rebuild", "search_index_staged.n", "search_index_staged.run");
        clear("whether it is a rebuild", "search_index_staged.next");
        random(
                "entries of an import or a rebuild that is not done",
                whole -> whole,
                "search_index_staged.labels",
                "search_index_staged.vals");
        clear("place in the log", "access_log.idx");
        random("an entry's patrons, sealed; the rest of it is in clear", KnownColumns::subjects, "access_log.leaf");
        clear("month and place in the log of a block of the view by patron", "log_view.month", "log_view.first");
        clear("place in a block", "log_view.page");
        random("a page of the view by patron, sealed", box -> from(box, BOX_HEADER_BYTES), "log_view.sealed");
        clear("place in the tree", "log_tile.level", "log_tile.position", "log_head.one", "log_head.size");
        random("hashes", whole -> whole, "log_tile.hashes");
        random("hashes", frontier -> from(frontier, Long.BYTES), "log_head.frontier");
        clear("signed checkpoints, which are published", "log_checkpoint.size", "log_checkpoint.note");
        clear("accounts, sessions, clients, limits, operations", "authority.kind", "authority.name");
        clear("accounts, sessions, clients, limits, operations", "authority.generation", "authority.body");
        random("a MAC", whole -> whole, "authority.mac");
        clear("when each session was last used", "session_use.session", "session_use.at");
        random("a MAC", whole -> whole, "session_use.mac");
        clear(
                "who opened how many patrons that day, and how many PINs were checked in which ten minutes",
                "limit_seen.actor",
                "limit_seen.day");
        random("a MAC of a patron or a card", whole -> whole, "limit_seen.token");
        random("a MAC", whole -> whole, "idempotency.key");
        again("a MAC of what was sent", "idempotency.request");
        random("an answer, sealed, in steps of 256 bytes", box -> from(box, BOX_HEADER_BYTES), "idempotency.answer");
        clear("when it was sent", "idempotency.at");
        clear("facts of the database; those that are secret are sealed", "vault_fact.name", "vault_fact.value");
    }

    private KnownColumns() {}

    private static void clear(String why, String... columns) {
        put(new Known(Kind.CLEAR, why, whole -> NOTHING), columns);
    }

    private static void random(String why, UnaryOperator<byte[]> part, String... columns) {
        put(new Known(Kind.RANDOM, why, part), columns);
    }

    private static void again(String why, String column) {
        put(new Known(Kind.RANDOM_OR_AGAIN, why, whole -> whole), column);
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
                ? new Known(Kind.CLEAR, "which version of the vault made the tables", whole -> NOTHING)
                : COLUMNS.getOrDefault(column, UNKNOWN);
    }

    /** The column that states the kind of a table's rows, or empty if all are of one kind. */
    static String kindOf(String table) {
        return KINDS.getOrDefault(table, "");
    }

    /** Whether the table may have rows of that kind. */
    static boolean isKind(String table, String kind) {
        return kindsOf(table).contains(kind);
    }

    /** The kinds of rows in a table. */
    static Set<String> kindsOf(String table) {
        return ROW_KINDS.getOrDefault(table, Set.of());
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

    /** If it is no entry, all of it is checked. */
    private static byte[] subjects(byte[] leaf) {
        try {
            return from(LeafInClear.of(leaf).sealed(), BOX_HEADER_BYTES);
        } catch (IntegrityException e) {
            return leaf;
        }
    }
}

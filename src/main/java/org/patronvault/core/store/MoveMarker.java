package org.patronvault.core.store;

import java.util.Optional;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The marker of a database that is the target of a move, so that it is not taken for a vault: the fact {@value #FACT}.
 * It names the vault and the progress of the move.
 */
public final class MoveMarker {
    public static final String FACT = "moving";
    public static final String TABLE = "vault_fact";

    private static final String COPYING = " copying";
    private static final String WHOLE = " whole";

    private MoveMarker() {}

    /** Returns the mark that rows of a vault are being copied. */
    public static String copying(String vault) {
        return vault + COPYING;
    }

    /** Returns the mark that all rows are there. */
    public static String whole(String vault) {
        return vault + WHOLE;
    }

    /** Whether a mark is one of a move of that vault. */
    public static boolean isOf(String mark, String vault) {
        return mark.equals(copying(vault)) || mark.equals(whole(vault));
    }

    /** Returns the WHERE clause that leaves the mark out of a table's rows. */
    public static String without(String table) {
        return table.equals(TABLE) ? " WHERE name <> '" + FACT + "'" : "";
    }

    /**
     * Removes the mark of a finished move, since the database is used from now on.
     *
     * @throws Refused if the move is unfinished
     */
    static void end(Store store) {
        Optional<String> mark = store.read(tx -> tx.fact(FACT));
        if (mark.isEmpty()) {
            return;
        }
        if (!mark.get().endsWith(WHOLE)) {
            throw new Refused(
                    Problem.INVALID,
                    "A vault is being moved into this database, and not all of it is there yet: the same `move` goes on"
                            + " with it, from the home it began in.");
        }
        store.write(tx -> {
            tx.removeFact(FACT);
            return null;
        });
    }
}

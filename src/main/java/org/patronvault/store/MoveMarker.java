package org.patronvault.store;

import java.util.Optional;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * What a database into which another is being moved says of itself, so that it is taken for nothing else: the fact
 * {@value #FACT}, which is whose move it is and how far it has come.
 */
final class MoveMarker {
    static final String FACT = "moving";
    static final String TABLE = "vault_fact";

    private static final String COPYING = " copying";
    private static final String WHOLE = " whole";

    private MoveMarker() {}

    /** Says that rows of that vault are on their way. */
    static String copying(String vault) {
        return vault + COPYING;
    }

    /** Says that all are there. */
    static String whole(String vault) {
        return vault + WHOLE;
    }

    /** Whether that mark is one of a move of that vault. */
    static boolean isOf(String mark, String vault) {
        return mark.equals(copying(vault)) || mark.equals(whole(vault));
    }

    /** Leaves it out of what is read of that table. */
    static String without(String table) {
        return table.equals(TABLE) ? " WHERE name <> '" + FACT + "'" : "";
    }

    /**
     * Takes the mark of a move that was whole away, since the database is used from now on.
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

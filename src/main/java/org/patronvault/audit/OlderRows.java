package org.patronvault.audit;

import java.util.Optional;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/** That the rows of a database are of a shorter log than the one above them, as a fact of it says (format.md, "Backup"). */
final class OlderRows {
    private static final String FACT = "rows-of";

    private OlderRows() {}

    /** The size of the log that the rows are of; empty if they are of all of it. */
    static Optional<Long> size(Tx tx) {
        try {
            return tx.fact(FACT).map(Long::valueOf).filter(size -> size > 0 && size <= LogReader.size(tx));
        } catch (NumberFormatException e) {
            throw new IntegrityException("rows-of: form", e);
        }
    }

    static void say(WriteTx tx, long size) {
        tx.setFact(FACT, Long.toString(size));
    }

    static void forget(WriteTx tx) {
        tx.removeFact(FACT);
    }

    /** How to say so to people. */
    static String told(long size, long entries) {
        return "Patrons, accounts and clients in the database are those of when the access log had " + size
                + " entries, and it has " + entries + ": it was opened from a backup with `restore --log`.";
    }

    /** Refuses to serve them. */
    static void requireNone(Tx tx) {
        size(tx).ifPresent(size -> {
            throw new Refused(
                    Problem.KEYS_REFUSED, told(size, LogReader.size(tx)) + " Two custodians take it by `log accept`.");
        });
    }
}

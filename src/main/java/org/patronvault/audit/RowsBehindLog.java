package org.patronvault.audit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * That the rows of a database are of a shorter log than the one above them: those of a backup, behind whose log an export's
 * entries were put (format.md, "Facts of the database"). It stays until what these entries took away is taken away again.
 *
 * @param rows the size of the log that the rows are of
 * @param log the size of the log when they were put under it; what comes after is of this very database
 */
public record RowsBehindLog(long rows, long log) {
    private static final SealedFact STORED = new SealedFact("rows-of");

    /** Size and root that were known, and those two sizes. */
    private static final Pattern ABOUT = Pattern.compile("[0-9]+ [A-Za-z0-9+/=]{44} ([0-9]{1,18}) ([0-9]{1,18})");

    /** What the database says of its rows; empty if they are of all of the log. */
    static Optional<RowsBehindLog> read(Tx tx, UnsealedKeys keys) {
        return STORED.read(tx, keys, in -> {
            RowsBehindLog older = new RowsBehindLog(in.u64(), in.u64());
            in.end();
            return older;
        });
    }

    /** Whether a database says that its rows are of a shorter log, as far as that can be told without keys. */
    public static boolean areSaid(Tx tx) {
        return tx.fact(STORED.name()).isPresent();
    }

    void write(WriteTx tx, UnsealedKeys keys) {
        String unused = STORED.write(tx, keys, CanonicalBytes.plain().u64(rows).u64(log));
    }

    static void forget(WriteTx tx) {
        tx.removeFact(STORED.name());
    }

    /** Whether an entry is one of those that the rows know nothing of. */
    public boolean isMissed(long entry) {
        return entry >= rows && entry < log;
    }

    /** What an entry that accepts them is about, after what was known. */
    String about(String known) {
        return known + " " + rows + " " + log;
    }

    /** Those that an entry accepts, if it does. */
    static Optional<RowsBehindLog> accepted(AccessEvent said) {
        return said.about()
                .filter(about -> said.act() == Act.ACCEPT && said.outcome() == Outcome.KEY)
                .map(ABOUT::matcher)
                .filter(Matcher::matches)
                .map(found -> new RowsBehindLog(Long.parseLong(found.group(1)), Long.parseLong(found.group(2))));
    }

    /** Whether an entry of this very database's accepts them. */
    boolean isAccepted(Tx tx) {
        boolean[] said = new boolean[1];
        tx.log().forEachLeaf(log, Long.MAX_VALUE, (index, leaf) -> {
            said[0] |= accepted(Leaf.parse(leaf).event()).filter(this::equals).isPresent();
        });
        return said[0];
    }

    /** How to say so to people. */
    String told() {
        return "Patrons, accounts and clients in the database are those of when the access log had " + rows
                + " entries, under a log of " + log + ": it was opened by `restore --log`.";
    }
}

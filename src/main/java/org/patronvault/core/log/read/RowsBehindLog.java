package org.patronvault.core.log.read;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.SealedFact;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * A fact that a database's rows are older than its log: the rows are a backup's, and the log was extended from an
 * export (format.md, "Facts of the database"). It stays until the rights that these entries revoked are revoked again.
 *
 * @param rows the size of the log that the rows are of
 * @param log the size of the log after the extension; later entries are of this very database
 */
public record RowsBehindLog(long rows, long log) {
    private static final SealedFact STORED = new SealedFact("rows-of");

    /** The known size and root, and the two sizes. */
    private static final Pattern ABOUT = Pattern.compile("[0-9]+ [A-Za-z0-9+/=]{44} ([0-9]{1,18}) ([0-9]{1,18})");

    /** Returns the stored fact. Empty if the rows are of the whole log. */
    public static Optional<RowsBehindLog> read(Tx tx, UnsealedKeys keys) {
        return STORED.read(tx, keys, in -> {
            RowsBehindLog older = new RowsBehindLog(in.u64(), in.u64());
            in.end();
            return older;
        });
    }

    /** Whether a database says that its rows are of a shorter log, as far as that is visible without keys. */
    public static boolean areSaid(Tx tx) {
        return tx.fact(STORED.name()).isPresent();
    }

    public void write(WriteTx tx, UnsealedKeys keys) {
        String unused = STORED.write(tx, keys, CanonicalBytes.plain().u64(rows).u64(log));
    }

    public static void forget(WriteTx tx) {
        tx.removeFact(STORED.name());
    }

    /** Whether the rows lack the effect of an entry. */
    public boolean isMissed(long entry) {
        return entry >= rows && entry < log;
    }

    /** Returns the {@code about} of an entry that accepts these rows, after the known state. */
    public String about(String known) {
        return known + " " + rows + " " + log;
    }

    /** Returns the rows that an entry accepts, if it does. */
    static Optional<RowsBehindLog> accepted(AccessEvent said) {
        return said.about()
                .filter(about -> said.act() == ActKind.ACCEPT && said.outcome() == Outcome.KEY)
                .map(ABOUT::matcher)
                .filter(Matcher::matches)
                .map(found -> new RowsBehindLog(Long.parseLong(found.group(1)), Long.parseLong(found.group(2))));
    }

    /** Whether an entry of this very database accepts them. */
    public boolean isAccepted(Tx tx) {
        boolean[] said = new boolean[1];
        tx.log().forEachLeaf(log, Long.MAX_VALUE, (index, leaf) -> {
            said[0] |= accepted(Leaf.parse(leaf).event()).filter(this::equals).isPresent();
        });
        return said[0];
    }

    /** Returns a sentence for people. */
    public String told() {
        return "Patrons, accounts and clients in the database are those of when the access log had " + rows
                + " entries, under a log of " + log + ": it was opened by `restore --log`.";
    }
}

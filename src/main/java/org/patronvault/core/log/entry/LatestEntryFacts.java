package org.patronvault.core.log.entry;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** The database facts that name the last entry of each kind. For one transaction and one thread. */
public final class LatestEntryFacts {
    /** The last entry that carries the state of the ring. */
    public static final String KEY = "key-entry";

    /** The last act that changed patrons or policy, and so what others may see. Absent before the first. */
    static final String WRITE = "last-write";

    /** The facts that {@link #begin} reads. */
    public static final List<String> FACTS = List.of(KEY, WRITE);

    private OptionalLong key = OptionalLong.empty();
    private long writeBefore;
    private long write;

    public void begin(WriteTx tx) {
        writeBefore = lastWrite(tx);
        write = writeBefore;
    }

    /** Returns the last act that changed patrons or policy, in that snapshot; 0 before the first. */
    public static long lastWrite(Tx tx) {
        return number(tx.fact(WRITE));
    }

    /** Returns the same as the last query of a transaction, which ends with it. */
    public static long lastWriteLastly(Tx tx) {
        return number(tx.factLastly(WRITE));
    }

    private static long number(Optional<String> fact) {
        try {
            return Long.parseLong(fact.orElse("0"));
        } catch (NumberFormatException e) {
            throw new IntegrityException("last write: form");
        }
    }

    /** Returns the last entry that wrote, in this transaction or before it. */
    public long write() {
        return write;
    }

    public void take(long index, AccessEvent event) {
        if (event.mark().isPresent()) {
            key = OptionalLong.of(index);
        }
        if (event.outcome() == Outcome.WRITTEN || event.outcome() == Outcome.ERASED || event.act() == ActKind.POLICY) {
            write = index;
        }
    }

    public void end(WriteTx tx) {
        key.ifPresent(index -> tx.setFact(KEY, Long.toString(index)));
        if (write != writeBefore) {
            tx.setFact(WRITE, Long.toString(write));
        }
    }
}

package org.patronvault.core.index;

import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.patronvault.core.store.table.IndexRows.Entries;
import org.patronvault.core.store.table.WriteTx;

/** A writer's knowledge of the entries of a version, which spares it lookups. For one act at a time. */
interface Numbers {
    /** Returns the number of a term's last entry, if it is known. */
    OptionalLong last(byte[] firstLabel);

    /** Whether a term certainly has no entry. */
    boolean isNew(byte[] firstLabel);

    /** Adds entries. {@code turns} are those of all their terms. */
    void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns);
}

package org.patronvault.search;

import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.patronvault.store.IndexRows.Entries;
import org.patronvault.store.WriteTx;

/** What a writer knows of the entries of a version, so that it need not look for them. For one unit at a time. */
interface Numbers {
    /** The number of a term's last entry, if that is known. */
    OptionalLong last(byte[] firstLabel);

    /** Whether it is sure that a term has no entry. */
    boolean isNew(byte[] firstLabel);

    /** Adds entries; {@code turns} are those of all their terms. */
    void add(WriteTx tx, List<Entries> entries, Collection<Numbering.Turn> turns);
}

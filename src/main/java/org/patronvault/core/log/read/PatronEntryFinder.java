package org.patronvault.core.log.read;

import java.util.NavigableSet;
import org.patronvault.core.model.PatronId;

/** A finder of the entries about a patron that does not read the whole log. Safe for use by many threads. */
@FunctionalInterface
public interface PatronEntryFinder {
    /**
     * Returns the indices of entries, ascending. All entries that name the patron are among them. Others may be too, so
     * the caller opens each.
     */
    NavigableSet<Long> about(PatronId patron);
}

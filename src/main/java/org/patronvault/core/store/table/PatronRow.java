package org.patronvault.core.store.table;

import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;

/**
 * The unencrypted row of one patron.
 *
 * @param version counts the changes, from 1; the API's ETag shows it
 * @param indexGeneration the generation that live index entries of this patron carry
 */
public record PatronRow(PatronId id, long version, long indexGeneration, PatronAttributes attributes) {

    /** Returns the row after a change that leaves the unencrypted columns as they are. */
    public PatronRow next(boolean isIndexedAnew) {
        return new PatronRow(id, version + 1, indexGeneration + (isIndexedAnew ? 1 : 0), attributes);
    }
}

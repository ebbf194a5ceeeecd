package org.patronvault.store;

import org.patronvault.model.PatronAttributes;
import org.patronvault.model.PatronId;

/**
 * The row of one patron in clear.
 *
 * @param version counts the changes, from 1; what the API's ETag shows
 * @param indexGeneration the generation that live index entries of this patron carry
 */
public record PatronRow(PatronId id, long version, long indexGeneration, PatronAttributes attributes) {

    /** The row after a change that leaves what stands in clear as it is. */
    public PatronRow next(boolean isIndexedAnew) {
        return new PatronRow(id, version + 1, indexGeneration + (isIndexedAnew ? 1 : 0), attributes);
    }
}

package org.patronvault.search;

import org.patronvault.model.PatronId;

/**
 * A live entry of the index.
 *
 * @param indexGeneration must be that of the patron's row, else the entry was put back
 * @param former whether the term is a card that is no longer in use
 * @param hint what it says of a name beyond its term
 */
public record Posting(PatronId patron, long indexGeneration, boolean former, NameHint hint) {}

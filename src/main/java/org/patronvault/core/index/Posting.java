package org.patronvault.core.index;

import org.patronvault.core.model.PatronId;

/**
 * A live entry of the index.
 *
 * @param indexGeneration must be the generation of the patron's row, otherwise the entry was rolled back
 * @param former whether the term is a card that is no longer in use
 * @param hint its hint of the name beyond the term
 */
public record Posting(PatronId patron, long indexGeneration, boolean former, NameHint hint) {}

package org.patronvault.store;

import org.patronvault.model.Attributes;
import org.patronvault.model.PatronId;

/**
 * The row of one patron in clear.
 *
 * @param version counts the changes, from 1; what the API's ETag shows
 * @param indexGeneration the generation that live index entries of this patron carry
 */
public record PatronRow(PatronId id, long version, long indexGeneration, Attributes attributes) {}

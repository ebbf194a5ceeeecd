package org.patronvault.core.store.table;

import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * One stored value in its envelope.
 *
 * @param generation counts the writes of this field of this patron, from 1, and never restarts
 */
public record ValueRow(PatronId patron, PatronField field, long generation, byte[] envelope) {}

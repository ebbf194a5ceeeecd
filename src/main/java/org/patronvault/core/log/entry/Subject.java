package org.patronvault.core.log.entry;

import java.util.List;
import java.util.Set;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * One patron of an act: the fields it opened or wrote, and for a write the new state of each row. Only ever stored
 * sealed.
 */
public record Subject(PatronId patron, Set<PatronField> fields, List<Write> writes) {

    /**
     * The new state of a row: enough to detect later that it was rolled back, edited or swapped.
     *
     * @param rowHash SHA-256 over the payload's AAD, the commitment, nonce and ciphertext, 32 bytes
     */
    public record Write(PatronField field, long generation, byte[] rowHash) {}

    public Subject {
        fields = Set.copyOf(fields);
        writes = List.copyOf(writes);
    }

    /** Returns a patron whose fields are opened. */
    public static Subject opened(PatronId patron, Set<PatronField> fields) {
        return new Subject(patron, fields, List.of());
    }

    /** Returns a patron whose rows are written. */
    public static Subject written(PatronId patron, Set<PatronField> fields, List<Write> writes) {
        return new Subject(patron, fields, writes);
    }
}

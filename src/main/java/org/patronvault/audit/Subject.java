package org.patronvault.audit;

import java.util.List;
import java.util.Set;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/**
 * One patron an act was about: which fields it opened or wrote, and for a write what each row became. Only ever stored
 * sealed.
 */
public record Subject(PatronId patron, Set<PatronField> fields, List<Write> writes) {

    /**
     * What a row became: enough to notice later that it was put back, edited or swapped.
     *
     * @param rowHash SHA-256 over what the payload is bound to, the commitment, nonce and ciphertext, 32 bytes
     */
    public record Write(PatronField field, long generation, byte[] rowHash) {}

    public Subject {
        fields = Set.copyOf(fields);
        writes = List.copyOf(writes);
    }

    /** A patron of whom those fields are opened. */
    public static Subject opened(PatronId patron, Set<PatronField> fields) {
        return new Subject(patron, fields, List.of());
    }

    /** A patron of whom rows are written. */
    public static Subject written(PatronId patron, Set<PatronField> fields, List<Write> writes) {
        return new Subject(patron, fields, writes);
    }
}

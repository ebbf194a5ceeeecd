package org.patronvault.audit;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/**
 * Proof that an entry is on disk: its index, and which fields of which patrons it says are opened. Only the appender
 * can make one, after COMMIT, so code that needs one to open a value cannot open it unlogged.
 */
public final class AuditReceipt {
    private final long index;
    private final Map<PatronId, Integer> opened = new HashMap<>();

    AuditReceipt(long index, AccessEvent event) {
        this.index = index;
        if (event.outcome() == Outcome.DISCLOSED || event.outcome() == Outcome.VERIFIED) {
            for (Subject subject : event.subjects()) {
                opened.put(subject.patron(), PatronField.mask(subject.fields()));
            }
        }
    }

    /** The entry's index in the log, from 0. */
    public long index() {
        return index;
    }

    /** Whether the entry says that these fields of this patron are opened. */
    public boolean covers(PatronId patron, Set<PatronField> fields) {
        int wanted = PatronField.mask(fields);
        return (opened.getOrDefault(patron, 0) & wanted) == wanted;
    }
}

package org.patronvault.core.log;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/**
 * Proof that an entry is on disk: its index, the actor, the purpose, and the fields it opens of each patron. Only the
 * appender makes a receipt, after COMMIT. A receipt is good once for each field of each patron, for its actor and
 * purpose alone. Safe for use by many threads.
 */
public final class AuditReceipt {
    private final long index;
    private final Actor actor;
    private final Optional<Purpose> purpose;

    /** The fields that are not taken yet, as bits of {@link PatronField#mask}. */
    private final Map<PatronId, Integer> left = new HashMap<>();

    AuditReceipt(long index, AccessEvent event) {
        this.index = index;
        this.actor = event.actor();
        this.purpose = event.purpose();
        if (event.outcome() == Outcome.DISCLOSED || event.outcome() == Outcome.VERIFIED) {
            for (Subject subject : event.subjects()) {
                left.put(subject.patron(), PatronField.mask(subject.fields()));
            }
        }
    }

    /** The entry's index in the log, from 0. */
    public long index() {
        return index;
    }

    /** Whether the entry opens all these fields of this patron, and none of them was taken yet. */
    public synchronized boolean covers(PatronId patron, Set<PatronField> fields) {
        int wanted = PatronField.mask(fields);
        return (left.getOrDefault(patron, 0) & wanted) == wanted;
    }

    /**
     * Takes these fields of this patron, all or none. A taken field cannot be taken again, even if it was not opened.
     *
     * @return whether the entry says that {@code by} opens them for that purpose, and none of them was taken yet
     */
    public synchronized boolean take(Actor by, Purpose why, PatronId patron, Set<PatronField> fields) {
        boolean taken = actor.equals(by) && purpose.equals(Optional.of(why)) && covers(patron, fields);
        if (taken) {
            left.merge(patron, PatronField.mask(fields), (before, mask) -> before & ~mask);
        }
        return taken;
    }
}

package org.patronvault.audit;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/**
 * What a stretch of the log says of rows, and the index to go on from.
 *
 * @param changes patrons written or erased
 * @param revocations what was taken away from accounts and clients
 * @param unread for {@link MissingContentKeys}, of a month (yyyymm): the index after the last entry that can no longer be opened; 0
 *     where the log says after it that the month is forgotten
 * @param older rows of a shorter log that people accepted: what the entries they miss wrote is lost
 */
public record LogChanges(
        List<ChangedPatron> changes,
        List<Revocation> revocations,
        Map<Integer, Long> unread,
        List<RowsBehindLog> older,
        long next) {

    /**
     * A patron that an entry says was written or erased.
     *
     * @param month whose content key seals it, as yyyymm
     * @param said what the entry says was done
     * @param place among the patrons of the entry, from 0, less than {@link AccessEvent#MAX_SUBJECTS}
     * @param subject what became of the rows; without a row the patron was erased
     */
    public record ChangedPatron(long entry, int month, AccessEvent said, int place, Subject subject) {

        /** Whether it was written or erased before, and only the saying is new. */
        public boolean carried() {
            return said.act() == Act.CARRY;
        }

        /** Who. */
        public PatronId patron() {
            return subject.patron();
        }

        /** Whether the patron was erased. */
        public boolean isErased() {
            return subject.writes().isEmpty();
        }

        /** The generation of meta that was written; empty for an erasure, and where meta was carried at another time. */
        public OptionalLong metaGeneration() {
            return subject.writes().stream()
                    .filter(write -> write.field() == PatronField.META)
                    .mapToLong(Subject.Write::generation)
                    .findFirst();
        }
    }

    /** That an entry took something away from an account or a client, and whose name that is. */
    public record Revocation(long entry, Act act, String name) {}
}

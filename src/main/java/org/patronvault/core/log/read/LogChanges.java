package org.patronvault.core.log.read;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * The changes to rows that a stretch of the log records, and the index to go on from.
 *
 * @param changes patrons written or erased
 * @param revocations rights that accounts and clients lost
 * @param unread for {@link MissingContentKeys}, by month (yyyymm): the index after the last entry that can no longer be
 *     opened; 0 if a later entry says that the month is forgotten
 * @param older rows of a shorter log that people accepted: the changes of the entries they miss are lost
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
     * @param said the entry's act
     * @param place among the patrons of the entry, from 0, less than {@link AccessEvent#MAX_SUBJECTS}
     * @param subject the new state of the rows; without a row the patron was erased
     */
    public record ChangedPatron(long entry, int month, AccessEvent said, int place, Subject subject) {

        /** Whether the change happened before, and the entry only repeats it. */
        public boolean carried() {
            return said.act() == ActKind.CARRY;
        }

        /** Returns the patron's ID. */
        public PatronId patron() {
            return subject.patron();
        }

        /** Whether the patron was erased. */
        public boolean isErased() {
            return subject.writes().isEmpty();
        }

        /**
         * Returns the generation of meta that was written. Empty for an erasure, and if meta was carried at another
         * time.
         */
        public OptionalLong metaGeneration() {
            return subject.writes().stream()
                    .filter(write -> write.field() == PatronField.META)
                    .mapToLong(Subject.Write::generation)
                    .findFirst();
        }
    }

    /** A right that an account or a client lost in an entry. */
    public record Revocation(long entry, ActKind act, String name) {}
}

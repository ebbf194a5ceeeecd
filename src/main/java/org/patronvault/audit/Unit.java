package org.patronvault.audit;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.patronvault.model.Alert;
import org.patronvault.store.WriteTx;

/**
 * One act that discloses or changes. Runs in the appender's thread: {@code work} must be short, touch nothing but the
 * transaction, and leave whatever can be computed before (sealing, hashing) to the caller.
 *
 * @param event what is logged, unless {@code work} says otherwise or the unit is refused
 * @param reservation the limits it counts against
 * @param alerts what somebody should be told of whether it is done or refused, logged beside it; what is to be told
 *     only if it is done, the reservation says
 * @param work the rows it writes; returns what is logged, usually {@code event} alone. Throwing
 *     {@link org.patronvault.model.Refused} undoes its rows and logs a refusal
 * @param readsLog whether the work asks the log, in which the entries of other units of its transaction do not stand
 *     yet: then it runs before them. Of such units only one may be under way at a time
 * @param readAt of a unit that shows: {@link AuditLog#lastWrite} before what it shows was read. Its work looks at that
 *     again, and is run only where another unit wrote since
 */
public record Unit(
        AccessEvent event,
        Reservation reservation,
        Set<Alert> alerts,
        Work work,
        boolean readsLog,
        OptionalLong readAt) {

    /** A unit that writes, and whose work does not ask the log. */
    public Unit(AccessEvent event, Reservation reservation, Set<Alert> alerts, Work work) {
        this(event, reservation, alerts, work, false, OptionalLong.empty());
    }

    /** Rows to write. */
    @FunctionalInterface
    public interface Work {
        /**
         * Writes, and returns what to log: one entry, or as many as one act needs, {@link AccessEvent#alerting alerts}
         * among them.
         *
         * @param entry the index that the unit's first entry takes in the log if the unit is not refused
         */
        List<AccessEvent> run(WriteTx tx, long entry);
    }

    /** A unit that writes no rows. */
    public static Unit of(AccessEvent event) {
        return new Unit(event, Reservation.NONE, Set.of(), null);
    }

    /**
     * A unit that shows what was read before it came to the log, and counts.
     *
     * @param readAt {@link AuditLog#lastWrite} before that was read
     * @param again looks at it once more, and returns what is logged
     */
    public static Unit showing(
            AccessEvent event,
            Reservation reservation,
            Set<Alert> alerts,
            long readAt,
            Function<WriteTx, AccessEvent> again) {
        Work work = (tx, entry) -> List.of(again.apply(tx));
        return new Unit(event, reservation, alerts, work, false, OptionalLong.of(readAt));
    }

    /** A unit that writes. */
    public static Unit writing(AccessEvent event, Function<WriteTx, AccessEvent> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> List.of(work.apply(tx)));
    }

    /** A unit that writes what names its own entry. */
    public static Unit writing(AccessEvent event, BiFunction<WriteTx, Long, AccessEvent> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> List.of(work.apply(tx, entry)));
    }

    /** A unit that writes more than one entry can name; all of it takes effect, or nothing. */
    public static Unit writingMany(AccessEvent event, Function<WriteTx, List<AccessEvent>> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> work.apply(tx));
    }

    /** The same, of what the log says as {@code work} finds it: no entry comes between that and the unit's own. */
    public static Unit readingLog(AccessEvent event, Function<WriteTx, List<AccessEvent>> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> work.apply(tx), true, OptionalLong.empty());
    }

    /** The same, telling of that too. */
    public Unit alerting(Set<Alert> what) {
        return new Unit(event, reservation, what, work, readsLog, readAt);
    }

    /** Returns this unit with another reservation. */
    public Unit counting(Reservation against) {
        return new Unit(event, against, alerts, work, readsLog, readAt);
    }

    /** Whether there is work to do, where that was the last entry that wrote. */
    boolean hasWork(long lastWrite) {
        return work != null && (readAt.isEmpty() || readAt.getAsLong() != lastWrite);
    }
}

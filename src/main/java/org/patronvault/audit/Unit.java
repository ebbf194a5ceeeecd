package org.patronvault.audit;

import java.util.List;
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
 */
public record Unit(AccessEvent event, Reservation reservation, Set<Alert> alerts, Work work, boolean readsLog) {

    /** A unit whose work does not ask the log. */
    public Unit(AccessEvent event, Reservation reservation, Set<Alert> alerts, Work work) {
        this(event, reservation, alerts, work, false);
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

    /** A unit that writes no rows but counts. */
    public static Unit counting(AccessEvent event, Reservation reservation) {
        return new Unit(event, reservation, Set.of(), null);
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
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> work.apply(tx), true);
    }

    /** The same, telling of that too. */
    public Unit alerting(Set<Alert> what) {
        return new Unit(event, reservation, what, work, readsLog);
    }

    boolean touchesRows() {
        return work != null || reservation != Reservation.NONE;
    }
}

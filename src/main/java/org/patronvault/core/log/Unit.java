package org.patronvault.core.log;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.Alert;
import org.patronvault.core.store.table.WriteTx;

/**
 * One act that discloses or changes, with its log event, limits and rows. Runs in the appender's thread: {@code work}
 * must be short and touch only the transaction. The caller computes the rest before (sealing, hashing).
 *
 * @param event what is logged, unless {@code work} says otherwise or the unit is refused
 * @param reservation the limits it counts against
 * @param alerts alerts that are logged beside it, whether it is done or refused; {@code reservation} returns those that
 *     are logged only if it is done
 * @param work the rows it writes; returns what is logged, usually {@code event} alone. If it throws
 *     {@link org.patronvault.core.model.Refused}, its rows are rolled back and a refusal is logged
 * @param readsLog whether the work reads the log, which lacks the entries of other units of the transaction: then it
 *     runs before them. Only one such unit may be under way at a time
 */
public record Unit(AccessEvent event, Reservation reservation, Set<Alert> alerts, Work work, boolean readsLog)
        implements VaultAct<AuditReceipt> {

    /** Creates a unit that writes, and whose work does not read the log. */
    public Unit(AccessEvent event, Reservation reservation, Set<Alert> alerts, Work work) {
        this(event, reservation, alerts, work, false);
    }

    /** The work of a unit: the rows it writes. */
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

    /** Returns a unit that writes no rows. */
    public static Unit of(AccessEvent event) {
        return new Unit(event, Reservation.NONE, Set.of(), null);
    }

    /** Returns a unit that writes. */
    public static Unit writing(AccessEvent event, Function<WriteTx, AccessEvent> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> List.of(work.apply(tx)));
    }

    /** Returns a unit whose rows name the unit's own entry. */
    public static Unit writing(AccessEvent event, BiFunction<WriteTx, Long, AccessEvent> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> List.of(work.apply(tx, entry)));
    }

    /** Returns a unit that writes more than one entry can name. All of it takes effect, or nothing. */
    public static Unit writingMany(AccessEvent event, Function<WriteTx, List<AccessEvent>> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> work.apply(tx));
    }

    /** Returns a unit whose work reads the log. No entry comes between what it reads and the unit's own entry. */
    public static Unit readingLog(AccessEvent event, Function<WriteTx, List<AccessEvent>> work) {
        return new Unit(event, Reservation.NONE, Set.of(), (tx, entry) -> work.apply(tx), true);
    }

    /** Returns this unit with other alerts, in place of its own. */
    public Unit alerting(Set<Alert> what) {
        return new Unit(event, reservation, what, work, readsLog);
    }

    /** Returns this unit with another reservation. */
    public Unit counting(Reservation against) {
        return new Unit(event, against, alerts, work, readsLog);
    }

    @Override
    public AccessEvent attempt() {
        return event;
    }

    @Override
    public boolean writes() {
        return work != null;
    }

    @Override
    public Decision<AuditReceipt> decide(Deciding now) {
        Set<Alert> reached = EnumSet.noneOf(Alert.class);
        reached.addAll(reservation.take(now.tx()));
        reached.addAll(alerts);
        return Decision.done(work != null ? work.run(now.tx(), now.entry(0)) : List.of(event))
                .alerting(reached);
    }
}

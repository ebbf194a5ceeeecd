package org.patronvault.core.log;

import java.util.Optional;
import java.util.Set;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.Alert;

/**
 * One thing that somebody does, of which the log speaks: it discloses, changes, or tries to. The engine decides many
 * acts in one transaction, under the log's lock, and answers them once that transaction is on disk.
 *
 * <p>Waiting for the outside (a password's hash, a PIN, a provider, an HSM, a file) happens before the act. The act then
 * compares the generation of each row it relied on.
 *
 * @param <T> the answer
 */
public interface Act<T> {

    /** Returns the entry that is logged if the act is refused or fails: actor, act, purpose and patrons. */
    AccessEvent attempt();

    /** Returns alerts that are logged beside the act, whether it is done or refused. */
    default Set<Alert> alerts() {
        return Set.of();
    }

    /** Whether {@link #decide} may write rows of patrons or other tables than limits and authority. */
    default boolean writes() {
        return true;
    }

    /** Returns the rows that {@link #decide} looks up by key, so that a batch reads them together. */
    default Optional<Reads<?, ?>> reads() {
        return Optional.empty();
    }

    /**
     * Says which limits {@link #decide} will count against, now that the rows of {@link #reads} are known. The engine
     * calls it where a round trip to the database costs time, and then reads the limits of a batch together.
     */
    default void expect(Deciding now) {}

    /**
     * Whether {@link #decide} reads the log, which lacks the entries of other acts of the transaction: then it runs
     * before them. Only one such act may be under way at a time.
     */
    default boolean readsLog() {
        return false;
    }

    /**
     * Decides, in the engine's thread. It must be short, touches only the transaction, and never waits. It may run again
     * after a failed transaction, so it keeps nothing and sends nothing.
     *
     * @throws org.patronvault.core.model.Refused to undo what the act wrote; the attempt is logged as refused
     * @throws org.patronvault.core.model.IntegrityException likewise; the attempt is logged as failed
     */
    Decision<T> decide(Deciding now);
}

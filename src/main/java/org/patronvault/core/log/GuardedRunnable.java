package org.patronvault.core.log;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repeated task that survives exceptions, so the next run still happens. A temporary refusal is ignored. Each kind of
 * other exception is reported once, by its name and place only, since a message could hold a value.
 */
public final class GuardedRunnable implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedRunnable.class);

    private final Runnable turn;
    private final Set<Class<?>> told = ConcurrentHashMap.newKeySet();

    /** Wraps a task. */
    public GuardedRunnable(Runnable turn) {
        this.turn = turn;
    }

    @Override
    public void run() {
        try {
            turn.run();
        } catch (Refused | StoreException | IntegrityException e) {
            // Sealed meanwhile, full or busy, or a row that is refused and reported: a later run can succeed.
        } catch (Throwable e) {
            if (told.add(e.getClass())) {
                StackTraceElement[] trace = e.getStackTrace();
                LOG.error(
                        "a turn failed and is made again: {} at {}",
                        e.getClass().getName(),
                        trace.length == 0 ? "an unknown place" : trace[0]);
            }
        }
    }
}

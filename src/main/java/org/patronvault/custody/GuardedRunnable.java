package org.patronvault.custody;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Refused;
import org.patronvault.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A turn that comes again and again: whatever one of them throws, the next is made. What is refused for the moment is
 * passed over; of everything else each kind is told of once, by its name and place alone, since a message could hold a
 * value.
 */
public final class GuardedRunnable implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedRunnable.class);

    private final Runnable turn;
    private final Set<Class<?>> told = ConcurrentHashMap.newKeySet();

    /** Makes that turn, each time. */
    public GuardedRunnable(Runnable turn) {
        this.turn = turn;
    }

    @Override
    public void run() {
        try {
            turn.run();
        } catch (Refused | StoreException | IntegrityException e) {
            // Sealed meanwhile, full or busy, or a row that is refused and told of: a later turn does what this one
            // could not.
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

package org.patronvault.core.log;

import org.patronvault.core.log.entry.AccessEvent;

/** A listener for acts that are on disk. The engine's thread calls it, so it must return fast and must not throw. */
public interface AppendListener {

    /**
     * The times of one act, in nanoseconds.
     *
     * @param attempt the act, as it is logged if it fails
     * @param waited from its submission until the engine decided it
     * @param decided what the decision took
     * @param all from its submission until it was on disk
     */
    record Timing(Lane lane, AccessEvent attempt, long waited, long decided, long all) {}

    /** A listener that ignores everything. */
    AppendListener NOBODY = new AppendListener() {
        @Override
        public void transaction(int acts) {}

        @Override
        public void act(Timing timing) {}

        @Override
        public void entry(AccessEvent event) {}
    };

    /** Reports a transaction with this number of acts. */
    void transaction(int acts);

    /** Reports one act of the transaction. */
    void act(Timing timing);

    /** Reports one entry of the transaction. */
    void entry(AccessEvent event);
}

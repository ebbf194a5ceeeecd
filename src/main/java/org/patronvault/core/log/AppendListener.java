package org.patronvault.core.log;

import org.patronvault.core.log.entry.AccessEvent;

/** A listener for entries that are on disk. The appender thread calls it, so it must return fast and must not throw. */
public interface AppendListener {
    /** A listener that ignores everything. */
    AppendListener NOBODY = new AppendListener() {
        @Override
        public void transaction(int acts) {}

        @Override
        public void waited(long nanos) {}

        @Override
        public void entry(AccessEvent event) {}
    };

    /** Reports a transaction with this number of acts. */
    void transaction(int acts);

    /** Reports one act of the transaction, and the time from its submission to its commit. */
    void waited(long nanos);

    /** Reports one entry of the transaction. */
    void entry(AccessEvent event);
}

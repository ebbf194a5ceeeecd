package org.patronvault.audit;

/**
 * Is told what was written to the log, once it is on disk. By the one thread that writes, so it must be quick, and must
 * not throw.
 */
public interface AppendListener {
    /** Watches nothing. */
    AppendListener NOBODY = new AppendListener() {
        @Override
        public void transaction(int units) {}

        @Override
        public void waited(long nanos) {}

        @Override
        public void entry(AccessEvent event) {}
    };

    /** A transaction with that many units. */
    void transaction(int units);

    /** One of its units, that long after it was handed over. */
    void waited(long nanos);

    /** One of its entries. */
    void entry(AccessEvent event);
}

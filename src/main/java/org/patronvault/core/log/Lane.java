package org.patronvault.core.log;

/** How long an act may wait until it is taken. */
public enum Lane {
    /** A person at a desk waits, or another system: two seconds. */
    DESK(2_000),
    /** Nobody waits: ten minutes. */
    BULK(600_000);

    private final long waitMillis;

    Lane(long waitMillis) {
        this.waitMillis = waitMillis;
    }

    /** Returns how long an act may wait, in milliseconds. */
    long waitMillis() {
        return waitMillis;
    }
}

package org.patronvault.custody.slot;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.model.Refused;

/** A lock for one try to open at a time, since a passphrase takes a second and much memory. Thread-safe. */
final class OnePlace {
    private static final int WAIT_SECONDS = 60;

    private final Semaphore one = new Semaphore(1, true);

    /**
     * Waits for the try that runs, and for no more than that.
     *
     * @throws Refused if it takes too long
     */
    void take() {
        try {
            if (!one.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw SealControl.busy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SealControl.busy();
        }
    }

    /** Waits without a time limit. */
    void takeAtLast() {
        one.acquireUninterruptibly();
    }

    void giveBack() {
        one.release();
    }
}

package org.patronvault.log.retention;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.patronvault.testing.OpenVault;

/** A log retention for tests, with a clock of service that moves only on request. */
public final class Forgetting implements AutoCloseable {
    private final AtomicLong nanos = new AtomicLong();
    private final LogRetention retention;

    /** The retention of that vault, as it is opened now. */
    public Forgetting(OpenVault vault) {
        this.retention = new LogRetention(
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().log(),
                vault.vault().access(),
                vault.home().node(),
                vault.clock(),
                nanos::get);
    }

    /** Lets that time pass in service, and destroys the keys that are due by then. */
    public void serve(Duration time) {
        nanos.addAndGet(time.toNanos());
        turn();
    }

    /** Makes a turn and waits until its work has ended. */
    public void turn() {
        try {
            retention.turn();
            retention.settle();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lets that time pass while the vault is sealed. */
    void sealedFor(Duration time) {
        nanos.addAndGet(time.toNanos());
        retention.resume();
    }

    @Override
    public void close() {
        retention.close();
    }

    /** Makes the vault forget all due months, after a week of service. */
    public static void ofWhatIsDue(OpenVault vault) {
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(LogRetention.WAIT);
        }
    }
}

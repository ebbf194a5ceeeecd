package org.patronvault.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.patronvault.access.Access;
import org.patronvault.access.PolicyWatch;
import org.patronvault.audit.CheckpointThinning;
import org.patronvault.custody.Destruction;
import org.patronvault.custody.Repeated;
import org.patronvault.custody.Schedule;
import org.patronvault.custody.SealControl;
import org.patronvault.custody.Slots;
import org.patronvault.privacy.Entitlements;
import org.patronvault.upkeep.Check;
import org.patronvault.upkeep.DailyCheckpoint;

/** What a vault does by itself, every few seconds, minutes or hours, in one thread. */
final class Turns implements AutoCloseable {
    private final SealControl seal;
    private final Repeated counts;
    private final List<ScheduledFuture<?>> turns = new ArrayList<>();
    private final ScheduledExecutorService minutes = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "vault-minutes");
        thread.setDaemon(true);
        return thread;
    });

    /** Begins. */
    Turns(
            SealControl seal,
            Access access,
            PolicyWatch policyWatch,
            Entitlements entitlements,
            Destruction destruction,
            Slots slots,
            Schedule schedule,
            DailyCheckpoint daily,
            Check check,
            CheckpointThinning thinning) {
        this.seal = seal;
        this.counts = new Repeated(entitlements::logCounts);
        every(60, counts);
        every(60, unlessSealed(access::tidy));
        every(60, unlessSealed(destruction::turn));
        every(60, unlessSealed(slots::resume));
        every(60, unlessSealed(schedule::turn));
        every(60, unlessSealed(daily::turn));
        every(60, unlessSealed(check::turn));
        every(3_600, unlessSealed(thinning::turn));
        every(2, unlessSealed(policyWatch::look));
    }

    private void every(long seconds, Runnable turn) {
        turns.add(minutes.scheduleWithFixedDelay(new Repeated(turn), seconds, seconds, TimeUnit.SECONDS));
    }

    private Runnable unlessSealed(Runnable turn) {
        return () -> {
            if (!seal.isSealed()) {
                turn.run();
            }
        };
    }

    /** Logs the entitlement checks counted so far; what cannot be logged now is counted on. */
    void logCounts() {
        counts.run();
    }

    @Override
    public void close() {
        turns.forEach(turn -> turn.cancel(false));
        minutes.shutdownNow();
    }
}

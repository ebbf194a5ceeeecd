package org.patronvault.custody.slot;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.patronvault.core.keys.MachineSlots;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;

/**
 * The automatic unsealing of a vault by its HSM or KMS. It asks them at once, and then every ten seconds in a thread of
 * its own. It stops when the vault is open, by any means, or a person sealed it. A new reason why the vault is still
 * sealed is reported and logged.
 */
public final class AutoUnseal implements AutoCloseable {
    private static final int PERIOD_SECONDS = 10;
    private static final int END_SECONDS = 5;

    private final SealControl seal;
    private final MachineSlots machines;
    private final Optional<HsmPin> pin;
    private final Consumer<String> say;
    private final Runnable onOpened;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread asking = new Thread(task, "vault-unattended");
        asking.setDaemon(true);
        return asking;
    });
    private volatile Future<?> turns = CompletableFuture.completedFuture(null);
    private String said = "";

    /**
     * Makes the unsealing; asks nothing yet.
     *
     * @param say receives why the vault is still sealed, and that it is open
     * @param onOpened run once this opened it
     */
    public AutoUnseal(
            SealControl seal, MachineSlots machines, Optional<HsmPin> pin, Consumer<String> say, Runnable onOpened) {
        this.seal = seal;
        this.machines = machines;
        this.pin = pin;
        this.say = say;
        this.onOpened = onOpened;
    }

    /** Asks now, and continues to ask if that did not open it. */
    public void begin() {
        if (!seal.mayOpenItself()) {
            say.accept("A person sealed the vault, so it does not open itself. Open it with `unseal --machines`.");
            return;
        }
        ask();
        if (seal.mayOpenItself()) {
            turns = thread.scheduleWithFixedDelay(
                    new GuardedRunnable(this::turn), PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void turn() {
        try {
            if (ask()) {
                say.accept("The vault is open.");
            }
            if (!seal.mayOpenItself()) {
                turns.cancel(false);
            }
        } catch (StoreException | IntegrityException e) {
            sayOnce("The vault could not begin to serve (" + e.getMessage() + ").");
        }
    }

    private boolean ask() {
        try {
            boolean opened = seal.askForItself(machines, pin);
            if (opened) {
                onOpened.run();
            }
            return opened;
        } catch (Refused e) {
            boolean mayPass = e.problem() == Problem.SLOT_UNAVAILABLE;
            sayOnce(e.getMessage() + (mayPass ? " It is asked again every ten seconds." : ""));
            return false;
        }
    }

    private void sayOnce(String why) {
        if (!why.equals(said)) {
            said = why;
            say.accept(why);
            try {
                seal.logUnopened();
            } catch (Refused | StoreException e) {
                // The reason was reported; asking goes on.
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

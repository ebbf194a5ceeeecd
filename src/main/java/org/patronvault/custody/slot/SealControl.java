package org.patronvault.custody.slot;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.MachineSlots;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.keys.share.ShareResult;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.UnsealProgress;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.custody.slot.SealState.Snapshot;

/**
 * The unsealing and sealing of the vault. Anyone may offer a passphrase, one at a time, or a share. A share costs
 * little to check, so it does not wait for passphrases. A custodian or the director seals. Thread-safe.
 */
public final class SealControl {
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final Runnable onUnsealed;
    private final OnePlace place = new OnePlace();
    private final NetworkPassphrases network;
    private final FailedTries failed;
    private final SealState lastSeal;
    private volatile Snapshot served = Snapshot.NOTHING;

    /** When the place was reserved; belongs to its holder. */
    private Snapshot reserved = Snapshot.NOTHING;

    private volatile Runnable afterSealing = () -> {};
    private volatile Runnable forgetting = () -> {};

    /**
     * Makes the control of that custody.
     *
     * @param onUnsealed work that must succeed before the vault serves; if it throws, the vault is sealed again
     */
    public SealControl(Store store, KeyCustody custody, AuditLog log, Access access, Runnable onUnsealed) {
        this.lastSeal = new SealState(store, custody);
        this.custody = custody;
        this.log = log;
        this.failed = new FailedTries(log);
        this.network = new NetworkPassphrases(this, place, custody, System::nanoTime);
        this.access = access;
        this.onUnsealed = onUnsealed;
    }

    /** Whether the vault is sealed, or not yet checked since it was opened: then it serves nobody. */
    public boolean isSealed() {
        return !lastSeal.isOpenSince(served);
    }

    /**
     * Starts to serve with keys that the caller has opened. If a check fails or cannot be logged, the vault is sealed
     * again.
     */
    public void begin(Actor opener) {
        begin(opener, lastSeal.known());
    }

    private void begin(Actor opener, Snapshot then) {
        int opened = custody.seals();
        try {
            onUnsealed.run();
            failed.opening();
            AccessEvent opens = log.event(opener, ActKind.UNSEAL, Outcome.KEY, AuditLog.newRequest())
                    .marking(custody.mark());
            log.call(opens, now -> SealState.opening(now, opens, then));
            serve(then);
        } catch (RuntimeException | Error e) {
            // Seals keys that were opened and do not serve: otherwise nothing could open the vault. Keys of another try
            // stay.
            if (custody.seals() == opened) {
                custody.seal();
            }
            throw e;
        }
    }

    private synchronized void serve(Snapshot then) {
        if (!lastSeal.isOpenSince(then)) {
            throw busy();
        }
        served = then;
    }

    /**
     * Tries a passphrase from this machine, on an open vault too. It waits for the try that runs, and for no more than
     * that.
     *
     * @throws Refused with {@code share-refused} if no slot opens with it
     */
    public void offer(byte[] passphrase) {
        place.take();
        finish(() -> custody.unseal(passphrase));
    }

    /**
     * Tries a passphrase from the network, one at a time. Networks with the most wrong tries wait longest.
     *
     * @param passphrase to be wiped once the answer is there
     * @param address where it came from
     * @return done when the vault is open; fails with {@link Refused}: {@code share-refused} if no slot opens with it,
     *     {@code busy} if it waited too long, {@code too-many-attempts} if several from there were wrong
     */
    public CompletableFuture<Void> offer(byte[] passphrase, String address) {
        return network.offer(passphrase, address);
    }

    /**
     * Takes one share; the last one needed opens the vault. A wrong share does not affect the earlier ones.
     *
     * @return the progress
     * @throws Refused with {@code share-mistyped}, {@code share-foreign}, {@code share-duplicate} or
     *     {@code share-refused}, which is counted
     */
    public UnsealProgress offerShare(String words) {
        Snapshot then = lastSeal.known();
        ShareResult offer = counted(() -> custody.offer(words));
        if (offer.opened()) {
            begin(Actor.NOBODY, then);
        }
        if (offer.after().sealed()) {
            log.record(log.event(Actor.NOBODY, ActKind.UNSEAL, Outcome.COUNTED, AuditLog.newRequest())
                    .counting(offer.after().have()));
        }
        return offer.after();
    }

    /** Unseals by machine slots, at a person's request; refuses as the machines do. */
    public void offer(MachineSlots machines, Optional<HsmPin> pin) {
        place.take();
        finish(() -> machines.unseal(custody, pin));
    }

    /**
     * Unseals by machine slots, automatically. People can open the vault meanwhile.
     *
     * @return whether this opened it
     * @throws Refused as the machines do, or if a person sealed it meanwhile; that is not logged, since it repeats
     *     while a machine is away
     */
    boolean askForItself(MachineSlots machines, Optional<HsmPin> pin) {
        Snapshot then = lastSeal.known();
        if (!mayOpenItself() || !machines.unseal(custody, pin)) {
            return false;
        }
        begin(Actor.VAULT, then);
        return true;
    }

    /**
     * Whether it is sealed and may unseal automatically. After a person sealed it, only a person may open it, even
     * after restarts.
     */
    boolean mayOpenItself() {
        return custody.isSealed() && !lastSeal.stands();
    }

    /** Logs that it could not unseal automatically. */
    void logUnopened() {
        log.record(log.event(Actor.VAULT, ActKind.UNSEAL, Outcome.FAILED, AuditLog.newRequest()));
    }

    /** Returns the progress of unsealing. */
    public UnsealProgress progress() {
        return isSealed() ? custody.unsealing() : new UnsealProgress(false, 0, 0);
    }

    /** Whether a passphrase can open it. */
    public boolean opensByPassphrase() {
        return custody.slots().stream().anyMatch(slot -> slot.kind().equals("passphrase"));
    }

    /** Returns how many tries to unseal were refused since the process began. */
    public long refusedTries() {
        return failed.number();
    }

    static Refused busy() {
        return new Refused(
                Problem.BUSY,
                "Another try to unseal is under way, or it was sealed meanwhile; try again in a moment.",
                5);
    }

    /** Takes the one place for a try, which begins now: others wait until {@link #finish} gives it back. */
    public void reserve() {
        Snapshot now = lastSeal.known();
        place.takeAtLast();
        reserved = now;
    }

    /**
     * Ends a try that has the place; {@code trying} makes it, or waits for it, and returns whether it opened the keys.
     */
    public void finish(BooleanSupplier trying) {
        try {
            Snapshot then = reserved.equals(Snapshot.NOTHING) ? lastSeal.known() : reserved;
            if (counted(trying::getAsBoolean)) {
                begin(Actor.NOBODY, then);
            }
        } finally {
            reserved = Snapshot.NOTHING;
            place.giveBack();
        }
    }

    /** Makes a try; a refused one is counted. */
    private <T> T counted(Supplier<T> trying) {
        try {
            return trying.get();
        } catch (Refused e) {
            failed.add();
            if (e.problem() == Problem.INVALID_CREDENTIALS) {
                throw new Refused(Problem.SHARE_REFUSED, "No slot opens with that.");
            }
            throw e;
        }
    }

    /** Logs wrong tries that have no entry yet, if it can. */
    public void logRest() {
        failed.logRest();
    }

    /** Sets the task that runs after each sealing. */
    public void afterSealing(Runnable then) {
        afterSealing = then;
    }

    /** Sets the task that wipes any secret that could open the keys again; it runs each time they are wiped. */
    public void forgetting(Runnable what) {
        forgetting = what;
    }

    /** Seals the vault on every node. It logs this first, with the refused tries so far; then it wipes the keys. */
    public void seal(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.SEAL, Outcome.REFUSED, request);
        access.require(caller, Permission.SEAL, attempt);
        failed.log();
        AccessEvent seals = attempt.ending(Outcome.KEY);
        log.call(seals, now -> SealState.sealing(now, seals));
        close();
    }

    /**
     * Seals the vault if a log entry of any node has sealed it since it was opened. Otherwise reads the ring, which
     * other nodes may have changed.
     */
    public void followOthers() {
        Snapshot then = served;
        if (isSealed()) {
            return;
        }
        // Read first, since keys/ may be out of reach.
        boolean sealed = lastSeal.isAnother(then);
        if (!sealed && lastSeal.isShared()) {
            custody.follow();
        }
        if (sealed || custody.isSealed()) {
            close(then);
        }
    }

    private synchronized void close(Snapshot then) {
        if (served.equals(then)) {
            close();
        }
    }

    /** Runs once, for the first caller; a second one finds it done. */
    private synchronized void close() {
        if (served.equals(Snapshot.NOTHING) && custody.isSealed()) {
            return;
        }
        served = Snapshot.NOTHING;
        log.logHeld();
        custody.seal();
        forgetting.run();
        afterSealing.run();
    }
}

package org.patronvault.custody;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.custody.SealState.Snapshot;
import org.patronvault.keys.HsmPin;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.MachineSlots;
import org.patronvault.keys.ShareResult;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.UnsealProgress;
import org.patronvault.store.Store;

/**
 * Opens and closes the vault. Anyone may offer a passphrase, one at a time, or a share, which costs nothing to look at
 * and so waits for no passphrase; custodian or director closes. Safe for use by many threads.
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

    /** When the place was reserved; belongs to whoever has it. */
    private Snapshot reserved = Snapshot.NOTHING;

    private volatile Runnable afterSealing = () -> {};
    private volatile Runnable forgetting = () -> {};

    /**
     * Control over that custody.
     *
     * @param onUnsealed what must happen before anyone is served; if it throws, the vault is sealed again
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

    /** Whether the vault is sealed, or not yet found sound since it was opened: then nobody is served. */
    public boolean isSealed() {
        return !lastSeal.isOpenSince(served);
    }

    /**
     * Makes ready to serve with keys that whoever calls has opened; if anything is not as it was left, or cannot be
     * logged, the vault is sealed again.
     */
    public void begin(Actor opener) {
        begin(opener, lastSeal.known());
    }

    private void begin(Actor opener, Snapshot then) {
        int opened = custody.seals();
        try {
            onUnsealed.run();
            failed.opening();
            AccessEvent opens = log.event(opener, Act.UNSEAL, Outcome.KEY, AuditLog.newRequest())
                    .marking(custody.mark());
            log.appendAndWait(SealState.opening(opens, then));
            serve(then);
        } catch (RuntimeException | Error e) {
            // Keys that are open and serve nobody do not stay: nothing would open the vault then. Others are not ours.
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
     * Tries a passphrase that was brought on this machine, on an open vault too; it waits for whoever is before it, and
     * for no more than that.
     *
     * @throws Refused with {@code share-refused} if no slot opens with it
     */
    public void offer(byte[] passphrase) {
        place.take();
        finish(() -> custody.unseal(passphrase));
    }

    /**
     * Tries a passphrase that came over the network, one at a time. Those wait longest that came from networks with the most
     * wrong tries.
     *
     * @param passphrase to be wiped once the answer is there
     * @param address where it came from
     * @return done when the vault is open; fails with {@link Refused}: {@code share-refused} if no slot opens with it,
     *     {@code busy} if it waited in vain, {@code too-many-attempts} if several from there were wrong
     */
    public CompletableFuture<Void> offer(byte[] passphrase, String address) {
        return network.offer(passphrase, address);
    }

    /**
     * Takes one share; with the last that is needed the vault opens. The shares that are here stay here whatever is
     * wrong with this one.
     *
     * @return how far it is now
     * @throws Refused with {@code share-mistyped}, {@code share-foreign}, {@code share-duplicate} or
     *     {@code share-refused}, which is counted
     */
    public UnsealProgress offerShare(String words) {
        UnsealProgress[] after = new UnsealProgress[1];
        unseal(lastSeal.known(), () -> {
            ShareResult offer = custody.offer(words);
            after[0] = offer.after();
            return offer.opened();
        });
        if (after[0].sealed()) {
            log.appendAndWait(Unit.of(log.event(Actor.NOBODY, Act.UNSEAL, Outcome.COUNTED, AuditLog.newRequest())
                    .counting(after[0].have())));
        }
        return after[0];
    }

    /** Asks the machines that open the vault, since a person wants it; refused as they say. */
    public void offer(MachineSlots machines, Optional<HsmPin> pin) {
        place.take();
        finish(() -> machines.unseal(custody, pin));
    }

    /**
     * Asks the machines that open the vault, since it wants to serve by itself. Nobody is kept from opening it
     * meanwhile.
     *
     * @return whether this opened it
     * @throws Refused as they say, or if a person sealed it meanwhile; that is not logged, since it comes again and again
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
     * Whether it is sealed and may open itself: what a person sealed stays sealed until a person opens it,
     * whatever is started anew meanwhile.
     */
    boolean mayOpenItself() {
        return custody.isSealed() && !lastSeal.stands();
    }

    /** Logs that it could not open itself. */
    void logUnopened() {
        log.appendAndWait(Unit.of(log.event(Actor.VAULT, Act.UNSEAL, Outcome.FAILED, AuditLog.newRequest())));
    }

    /** How far the vault is from being open. */
    public UnsealProgress progress() {
        return isSealed() ? custody.unsealing() : new UnsealProgress(false, 0, 0);
    }

    /** Whether a passphrase can open it. */
    public boolean opensByPassphrase() {
        return custody.slots().stream().anyMatch(slot -> slot.kind().equals("passphrase"));
    }

    /** How many tries to unseal were refused since the process began. */
    public long refusedTries() {
        return failed.number();
    }

    static Refused busy() {
        return new Refused(
                Problem.BUSY,
                "Another try to unseal is under way, or it was sealed meanwhile; try again in a moment.",
                5);
    }

    /** Keeps the one place for a try, which begins now: everybody else waits until {@link #finish} gives it back. */
    public void reserve() {
        Snapshot now = lastSeal.known();
        place.takeAtLast();
        reserved = now;
    }

    /** Ends a try that has its place; {@code trying} makes it, or waits for it, and says whether it opened the keys. */
    public void finish(BooleanSupplier trying) {
        try {
            unseal(reserved.equals(Snapshot.NOTHING) ? lastSeal.known() : reserved, trying);
        } finally {
            reserved = Snapshot.NOTHING;
            place.giveBack();
        }
    }

    private void unseal(Snapshot then, BooleanSupplier trying) {
        boolean opened;
        try {
            opened = trying.getAsBoolean();
        } catch (Refused e) {
            failed.add();
            if (e.problem() == Problem.INVALID_CREDENTIALS) {
                throw new Refused(Problem.SHARE_REFUSED, "No slot opens with that.");
            }
            throw e;
        }
        if (opened) {
            begin(Actor.NOBODY, then);
        }
    }

    /** Logs wrong tries that no entry stands for yet, if it can. */
    public void logRest() {
        failed.logRest();
    }

    /** Has {@code then} run after each sealing. */
    public void afterSealing(Runnable then) {
        afterSealing = then;
    }

    /** Has {@code what} wipe whatever would open the keys again, each time they are wiped. */
    public void forgetting(Runnable what) {
        forgetting = what;
    }

    /** Closes the vault on every node: logged first, with what was refused until then; then the keys are wiped. */
    public void seal(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.SEAL, Outcome.REFUSED, request);
        access.require(caller, AccessRequest.may(Permission.SEAL), attempt);
        failed.log();
        log.appendAndWait(SealState.sealing(attempt.ending(Outcome.KEY)));
        close();
    }

    /**
     * Closes the vault if an entry has sealed it since it was opened, whichever node wrote it, or this one without having
     * heard of it in time; and takes up what other nodes did with the keys.
     */
    public void followOthers() {
        Snapshot then = served;
        if (isSealed()) {
            return;
        }
        // First, since keys/ may be out of reach.
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

    /** Once, whoever comes to it first; the other finds it done. */
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

package org.patronvault.custody;

import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** Opens and closes the vault. Anyone may offer a passphrase, one at a time; custodian or director closes. */
public final class SealControl {
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final Runnable onUnsealed;
    private final Semaphore one = new Semaphore(1);
    private volatile boolean serving;
    private volatile Runnable afterSealing = () -> {};

    /**
     * Control over that custody.
     *
     * @param onUnsealed what must happen before anyone is served; if it throws, the vault is sealed again
     */
    public SealControl(KeyCustody custody, AuditLog log, Access access, Runnable onUnsealed) {
        this.custody = custody;
        this.log = log;
        this.access = access;
        this.onUnsealed = onUnsealed;
    }

    /** Whether the vault is sealed, or not yet found sound since it was opened: then nobody is served. */
    public boolean isSealed() {
        return !serving || custody.isSealed();
    }

    /** Makes ready to serve; if anything is not as it was left, or cannot be logged, the vault is sealed again. */
    public void begin(Actor opener) {
        try {
            onUnsealed.run();
            log.appendAndWait(Unit.of(log.event(opener, Act.UNSEAL, Outcome.KEY, AuditLog.newRequest())
                    .marking(custody.mark())));
        } catch (RuntimeException e) {
            custody.seal();
            throw e;
        }
        serving = true;
    }

    /** Tries a passphrase, on an open vault too; refused with {@code share-refused} if no slot opens with it. */
    public void offer(byte[] passphrase) {
        if (!one.tryAcquire()) {
            throw new Refused(Problem.BUSY, "Another try to unseal is under way; try again in a moment.", 5);
        }
        finish(() -> custody.unseal(passphrase));
    }

    /** Keeps the one place for a try, which {@link #finish} gives back: everybody else is told that one is under way. */
    public void reserve() {
        one.acquireUninterruptibly();
    }

    /** Ends a try that has its place; {@code trying} makes it, or waits for it, and says whether it opened the keys. */
    public void finish(BooleanSupplier trying) {
        try {
            unseal(trying);
        } finally {
            one.release();
        }
    }

    private void unseal(BooleanSupplier trying) {
        boolean opened;
        try {
            opened = trying.getAsBoolean();
        } catch (Refused e) {
            AccessEvent failed = log.event(Actor.NOBODY, Act.UNSEAL, Outcome.FAILED, AuditLog.newRequest());
            log.appendAndWait(Unit.of(failed));
            if (e.problem() == Problem.INVALID_CREDENTIALS) {
                throw new Refused(Problem.SHARE_REFUSED, "No slot opens with that.");
            }
            throw e;
        }
        if (opened) {
            begin(Actor.NOBODY);
        }
    }

    /** Has {@code then} run after each sealing. */
    public void afterSealing(Runnable then) {
        afterSealing = then;
    }

    /** Closes the vault: logged first, then the keys are wiped. */
    public void seal(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.SEAL, Outcome.REFUSED, request);
        access.require(caller, Question.may(Permission.SEAL), attempt);
        log.appendAndWait(Unit.of(attempt.ending(Outcome.KEY)));
        serving = false;
        custody.seal();
        afterSealing.run();
    }
}

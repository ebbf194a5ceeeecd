package org.patronvault.custody;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.Drill;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.SlotFacts;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * Drills to which people bring what they hold one after the other, each drill that of a custodian. Shares are kept in
 * memory alone, and wiped a quarter of an hour after the last of them, when the drill is ended, and when the vault is
 * sealed. Each proof is in the log: {@code counted} while it takes more shares, {@code key} once the slot was opened
 * with them; one that fails, {@code refused}. Whoever calls has proved the {@code custody} permission. Safe for use by
 * many threads.
 */
public final class Drills {
    private static final long KEPT_NANOS = 15L * 60 * 1_000_000_000;

    /**
     * How far a slot is proved.
     *
     * @param index of the share that came last; 0 where it was none
     * @param have how many shares of it were proved; 0 where it has none
     * @param need how many open it; 0 where it has none
     * @param opened whether the slot was opened with them, and the ring with what it gave
     */
    public record SlotProgress(int slot, String openedBy, int index, int have, int need, boolean opened) {}

    private static final class OpenDrill {
        private final Drill drill;
        private final Map<Integer, SlotProgress> slots = new TreeMap<>();
        private long lastNanos;

        private OpenDrill(Drill drill) {
            this.drill = drill;
        }
    }

    private final KeyCustody custody;
    private final AuditLog log;
    private final LongSupplier nanoTime;
    private final Semaphore onePassphrase = new Semaphore(1);
    private final Map<String, OpenDrill> byPerson = new HashMap<>();

    /** Drills on those keys, kept by that monotonic clock, in nanoseconds. */
    Drills(KeyCustody custody, AuditLog log, LongSupplier nanoTime) {
        this.custody = custody;
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /**
     * Proves a share, beside those that were proved before it.
     *
     * @throws Refused with a problem that names what is wrong with it; those before it stay
     */
    public synchronized SlotProgress share(Actor by, String words) {
        forgetOld();
        OpenDrill begun = byPerson.computeIfAbsent(by.name(), name -> new OpenDrill(custody.drill()));
        begun.lastNanos = nanoTime.getAsLong();
        // Whether or not anybody comes again.
        CompletableFuture.delayedExecutor(KEPT_NANOS, TimeUnit.NANOSECONDS).execute(this::forgetOld);
        return proved(by, begun, logging(by, () -> begun.drill.share(words)));
    }

    /** Proves a passphrase, which takes a second and much memory: one at a time, others are refused with {@code busy}. */
    public SlotProgress passphrase(Actor by, byte[] passphrase) {
        if (!onePassphrase.tryAcquire()) {
            throw new Refused(Problem.BUSY, "Another passphrase is being tried; try again in a moment.", 2);
        }
        try (Drill drill = custody.drill()) {
            Drill.Proof proof = logging(by, () -> drill.passphrase(passphrase));
            synchronized (this) {
                forgetOld();
                OpenDrill begun = byPerson.computeIfAbsent(by.name(), name -> new OpenDrill(custody.drill()));
                begun.lastNanos = nanoTime.getAsLong();
                return proved(by, begun, proof);
            }
        } catch (Refused e) {
            throw e.problem() == Problem.INVALID_CREDENTIALS
                    ? new Refused(Problem.SHARE_REFUSED, "No slot opens with that.")
                    : e;
        } finally {
            onePassphrase.release();
        }
    }

    private Drill.Proof logging(Actor by, Supplier<Drill.Proof> proof) {
        return log.logging(log.event(by, Act.DRILL, Outcome.REFUSED, AuditLog.newRequest()), proof);
    }

    private SlotProgress proved(Actor by, OpenDrill begun, Drill.Proof proof) {
        String openedBy = custody.slots().stream()
                .filter(slot -> slot.id() == proof.slot())
                .map(SlotFacts::openedBy)
                .findFirst()
                .orElse("");
        SlotProgress now =
                new SlotProgress(proof.slot(), openedBy, proof.index(), proof.have(), proof.need(), proof.opened());
        begun.slots.put(proof.slot(), now);
        AccessEvent event = log.event(
                        by, Act.DRILL, proof.opened() ? Outcome.KEY : Outcome.COUNTED, AuditLog.newRequest())
                .about(Slots.name(proof.slot()))
                .counting(Math.max(1, proof.have()));
        log.appendAndWait(Unit.of(event));
        return now;
    }

    /** What is proved so far in that custodian's drill, by slot. */
    public synchronized List<SlotProgress> soFar(Actor by) {
        forgetOld();
        OpenDrill begun = byPerson.get(by.name());
        return begun == null ? List.of() : List.copyOf(begun.slots.values());
    }

    /** Ends that custodian's drill. */
    public synchronized void end(Actor by) {
        forget(by.name());
    }

    /** Ends every drill. */
    public synchronized void forget() {
        new ArrayList<>(byPerson.keySet()).forEach(this::forget);
    }

    private synchronized void forgetOld() {
        long now = nanoTime.getAsLong();
        byPerson.entrySet().stream()
                .filter(one -> now - one.getValue().lastNanos >= KEPT_NANOS)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::forget);
    }

    private void forget(String name) {
        OpenDrill begun = byPerson.remove(name);
        if (begun != null) {
            begun.drill.close();
        }
    }
}

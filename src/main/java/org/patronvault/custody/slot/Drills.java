package org.patronvault.custody.slot;

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
import org.patronvault.core.keys.Drill;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The drills of custodians, who bring their shares or passphrases one after the other. Each custodian has one drill.
 * Shares are in memory only. They are wiped a quarter of an hour after the last one, when the drill ends, and when the
 * vault is sealed. Each test is logged: {@code counted} while more shares are needed, {@code key} once the slot opened,
 * {@code refused} if it failed. The caller has already proved the {@code custody} permission. Thread-safe.
 */
public final class Drills {
    private static final long KEPT_NANOS = 15L * 60 * 1_000_000_000;

    /**
     * The progress of a slot in a drill.
     *
     * @param index of the last share; 0 for anything else
     * @param have how many shares of it were tested; 0 if it has none
     * @param need how many open it; 0 if it has none
     * @param opened whether they opened the slot, and its root key the ring
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

    /** Makes drills on those keys, timed by that monotonic clock, in nanoseconds. */
    Drills(KeyCustody custody, AuditLog log, LongSupplier nanoTime) {
        this.custody = custody;
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /**
     * Tests a share, together with earlier ones.
     *
     * @throws Refused with a problem that names the fault; earlier shares stay
     */
    public synchronized SlotProgress share(Actor by, String words) {
        forgetOld();
        OpenDrill begun = byPerson.computeIfAbsent(by.name(), name -> new OpenDrill(custody.drill()));
        begun.lastNanos = nanoTime.getAsLong();
        // Runs even if nobody calls again.
        CompletableFuture.delayedExecutor(KEPT_NANOS, TimeUnit.NANOSECONDS).execute(this::forgetOld);
        return proved(by, begun, logging(by, () -> begun.drill.share(words)));
    }

    /**
     * Tests a passphrase, which takes a second and much memory. One is tested at a time; others are refused with
     * {@code busy}.
     */
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
        return log.logging(log.event(by, ActKind.DRILL, Outcome.REFUSED, AuditLog.newRequest()), proof);
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
                        by, ActKind.DRILL, proof.opened() ? Outcome.KEY : Outcome.COUNTED, AuditLog.newRequest())
                .about(Slots.name(proof.slot()))
                .counting(Math.max(1, proof.have()));
        log.record(event);
        return now;
    }

    /** Returns the progress of that custodian's drill, by slot. */
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

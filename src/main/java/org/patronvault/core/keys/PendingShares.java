package org.patronvault.core.keys;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SharesSlot;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.UnsealProgress;

/**
 * The shares that were offered to unseal and wait for others, in memory only. Each is wiped after a quarter of an hour.
 * Thread-safe.
 */
final class PendingShares {
    private static final long KEPT_NANOS = 15L * 60 * 1_000_000_000;

    private record TimedShare(Share share, long at) {}

    /** The progress after a share, and the root key once there are enough. */
    record Step(UnsealProgress after, Optional<KeyFiles.OpenedRoot> root) {}

    private final KeyFiles files;
    private final LongSupplier nanoTime;
    private final Map<Integer, Map<Integer, TimedShare>> bySet = new HashMap<>();

    /** Collects shares of those keys, by that monotonic clock, in nanoseconds. */
    PendingShares(KeyFiles files, LongSupplier nanoTime) {
        this.files = files;
        this.nanoTime = nanoTime;
    }

    /** Checks that a share is one of these keys, and does nothing else; refuses a foreign one. */
    void look(String words) {
        List<Slot> slots = files.openers(files.ring());
        Share share = SharesSlot.read(slots, words);
        try {
            SharesSlot.of(slots, share);
        } finally {
            share.wipe();
        }
    }

    /** Takes a share; refuses a wrong one with a problem that names the fault. */
    synchronized Step offer(String words) {
        RingFile ring = files.ring();
        List<Slot> slots = files.openers(ring);
        Share share = SharesSlot.read(slots, words);
        SharesSlot slot;
        try {
            slot = SharesSlot.of(slots, share);
        } catch (Refused e) {
            share.wipe();
            throw e;
        }
        List<Share> here = add(slot, share);
        if (here.size() < slot.threshold()) {
            return new Step(new UnsealProgress(true, here.size(), slot.threshold()), Optional.empty());
        }
        try {
            KeyFiles.OpenedRoot root = new KeyFiles.OpenedRoot(slot.head().id(), slot.open(ring.vaultId(), here));
            return new Step(new UnsealProgress(false, 0, 0), Optional.of(root));
        } catch (IntegrityException e) {
            throw new Refused(Problem.KEYS_REFUSED, "The shares are right, but keys/slots.json was changed.");
        } finally {
            forget();
        }
    }

    private List<Share> add(SharesSlot slot, Share share) {
        forgetOld();
        Map<Integer, TimedShare> here = bySet.computeIfAbsent(slot.setId(), id -> new HashMap<>());
        if (here.containsKey(share.index())) {
            share.wipe();
            throw new Refused(
                    Problem.SHARE_DUPLICATE,
                    "Share " + share.index() + " was offered already; it takes " + (slot.threshold() - here.size())
                            + " other.");
        }
        here.put(share.index(), new TimedShare(share, nanoTime.getAsLong()));
        // Runs even if nobody calls again.
        CompletableFuture.delayedExecutor(KEPT_NANOS, TimeUnit.NANOSECONDS).execute(this::forgetOld);
        return here.values().stream().map(TimedShare::share).toList();
    }

    synchronized UnsealProgress progress() {
        forgetOld();
        return SharesSlot.all(files.openers(files.ring())).stream()
                .map(slot -> new UnsealProgress(
                        true, bySet.getOrDefault(slot.setId(), Map.of()).size(), slot.threshold()))
                .max(Comparator.comparingInt(UnsealProgress::have))
                .orElse(new UnsealProgress(true, 0, 0));
    }

    private synchronized void forgetOld() {
        long now = nanoTime.getAsLong();
        for (Map<Integer, TimedShare> here : bySet.values()) {
            new ArrayList<>(here.values()).forEach(offered -> {
                if (now - offered.at() >= KEPT_NANOS) {
                    offered.share().wipe();
                    here.remove(offered.share().index());
                }
            });
        }
    }

    /** Wipes all of them. */
    synchronized void forget() {
        bySet.values()
                .forEach(
                        here -> here.values().forEach(offered -> offered.share().wipe()));
        bySet.clear();
    }
}

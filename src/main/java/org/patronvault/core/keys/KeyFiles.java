package org.patronvault.core.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.file.SharedLock;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.slot.PassphraseSlot;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotsFile;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The directory {@code keys/}: the ring, and the slots that open it. Files are read each time, since nodes share them.
 */
public record KeyFiles(Path directory) {
    private static final Object ONE_AT_A_TIME = new Object();

    /** A root key and the number of the slot that gave it. */
    public record OpenedRoot(int slot, byte[] rootKey) {}

    /**
     * Runs {@code change} while no other thread or process changes these files.
     *
     * @throws Refused if the lock is not available
     */
    <T> T locked(Supplier<T> change) {
        synchronized (ONE_AT_A_TIME) {
            try (SharedLock lock = SharedLock.of(directory.resolve("lock"))) {
                if (!lock.isHeld()) {
                    throw new IOException("keys/lock");
                }
                return change.get();
            } catch (IOException e) {
                throw unwritable();
            }
        }
    }

    boolean exists() {
        return Files.isRegularFile(ringPath());
    }

    /** Returns these files; refuses if they have no ring. */
    KeyFiles requireExists() {
        if (!exists()) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    Files.notExists(ringPath())
                            ? "There is no key ring in keys/: mount the disk that it is on, or put keys/ back."
                            : "Whether there is a key ring in keys/ this user may not see: give keys/ to the user that the"
                                    + " service runs as (`chown -R`), or run the command as its owner.");
        }
        return this;
    }

    private Path ringPath() {
        return directory.resolve("ring.json");
    }

    private Path slotsPath() {
        return directory.resolve("slots.json");
    }

    public RingFile ring() {
        return RingFile.read(ringPath());
    }

    void write(RingFile ring) {
        written(() -> ring.write(ringPath()));
    }

    /** A full disk leaves the old file in place, and the write can be tried again. */
    private static void written(Runnable file) {
        try {
            file.run();
        } catch (DurableFile.Unwritable e) {
            throw unwritable();
        }
    }

    private static Refused unwritable() {
        return new Refused(
                Problem.STORE_FULL,
                "keys/ cannot be written, so nothing was done; make room on its disk, and see that it is writable.",
                60);
    }

    /** Returns the slots that open that ring; skips those of an earlier root, or of one that never took effect. */
    public List<Slot> openers(RingFile ring) {
        SlotsFile slots = SlotsFile.read(slotsPath());
        if (!slots.vaultId().equals(ring.vaultId())) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/ holds the slots of one vault and the ring of another.");
        }
        return slots.of(ring.root());
    }

    public void write(String vaultId, List<Slot> slots) {
        int next = Files.exists(slotsPath()) ? nextSlotId() : 1;
        written(() -> new SlotsFile(vaultId, List.copyOf(slots), next).write(slotsPath()));
    }

    void sync() {
        DurableFile.sync(directory);
    }

    /**
     * Removes all other slots from the file, if possible. Slots of other roots open nothing, and the next write removes
     * them.
     */
    public void tidy(String vaultId, List<Slot> slots) {
        try {
            write(vaultId, slots);
        } catch (Refused | DurableFile.SyncFailed e) {
            // The ring is written, which is what counts: an error now would say that nothing was done.
        }
    }

    /**
     * Writes the slots of a new root beside those of the root in use; refuses if either was changed since they were
     * made.
     */
    void writeBeside(RingFile ring, int root, List<Slot> next) {
        if (root != ring.root() + 1 || next.get(0).head().id() != nextSlotId()) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "Root or slots were changed meanwhile: begin once more.");
        }
        List<Slot> both = new ArrayList<>(openers(ring));
        both.addAll(next);
        requireRoom(both.size());
        write(ring.vaultId(), both);
    }

    /** Refuses if there is no room for one more slot; call it before one is made. */
    void requireRoom(RingFile ring) {
        requireRoom(openers(ring).size() + 1);
    }

    private static void requireRoom(int slots) {
        if (slots > SlotsFile.MAX_SLOTS) {
            throw new Refused(
                    Problem.INVALID,
                    "There is room for " + SlotsFile.MAX_SLOTS
                            + " slots, and while the root is renewed for the old and the new ones: remove one first.");
        }
    }

    /** Returns a number that no slot of these keys ever had. */
    int nextSlotId() {
        return SlotsFile.read(slotsPath()).next();
    }

    /** Raises {@link #nextSlotId} above {@code id}, and returns it. */
    int numberAbove(int id) {
        SlotsFile slots = SlotsFile.read(slotsPath());
        SlotsFile above = new SlotsFile(slots.vaultId(), slots.slots(), Math.max(slots.next(), id + 1));
        written(() -> above.write(slotsPath()));
        return above.next();
    }

    /** Returns the slots with one more, given in its JSON form; refuses one that does not fit. */
    List<Slot> with(RingFile ring, String json) {
        List<Slot> slots = new ArrayList<>(openers(ring));
        Slot slot = SlotsFile.slot(json);
        // By number alone: a slot that had it meanwhile, and was removed, has its name in the log.
        if (slot.head().id() != nextSlotId() || slot.head().root() != ring.root()) {
            throw new Refused(
                    Problem.CHANGED_MEANWHILE,
                    "Slots, or the root, were changed since that one was made; make it anew.");
        }
        slots.add(slot);
        requireRoom(slots.size());
        return slots;
    }

    /** Returns the slots without one; refuses if it is missing, or the last. */
    List<Slot> without(RingFile ring, int id) {
        List<Slot> left = new ArrayList<>(openers(ring));
        if (!left.removeIf(slot -> slot.head().id() == id)) {
            throw new Refused(Problem.NOT_FOUND, "There is no such slot.");
        }
        if (left.isEmpty()) {
            throw SlotFacts.lastOne();
        }
        return left;
    }

    /** Returns the root behind a passphrase; refuses with {@code invalid-credentials} if it opens no slot. */
    OpenedRoot behind(byte[] passphrase) {
        RingFile ring = ring();
        for (Slot slot : openers(ring)) {
            if (slot instanceof PassphraseSlot opens) {
                try {
                    return new OpenedRoot(slot.head().id(), opens.open(ring.vaultId(), passphrase));
                } catch (IntegrityException e) {
                    // It may be the passphrase of another slot.
                }
            }
        }
        throw new Refused(Problem.INVALID_CREDENTIALS, "No slot opens with that.");
    }
}

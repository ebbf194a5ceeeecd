package org.patronvault.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** The directory {@code keys/}: the ring, and the slots that open it. Read anew each time, since nodes share it. */
record KeyFiles(Path directory) {
    private static final Object ONE_AT_A_TIME = new Object();

    /** A root key and the number of the slot that gave it. */
    record OpenedRoot(int slot, byte[] rootKey) {}

    /**
     * Does that while no other thread or process that shares these files changes them.
     *
     * @throws Refused if the lock cannot be had
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

    /** These, if there is a ring in them. */
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

    RingFile ring() {
        return RingFile.read(ringPath());
    }

    void write(RingFile ring) {
        written(() -> ring.write(ringPath()));
    }

    /** What a full disk keeps from being written leaves the old file in place, and can be tried again. */
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

    /** The slots that open that ring; those of an earlier root, or of one that never came, are passed over. */
    List<Slot> openers(RingFile ring) {
        SlotsFile slots = SlotsFile.read(slotsPath());
        if (!slots.vaultId().equals(ring.vaultId())) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/ holds the slots of one vault and the ring of another.");
        }
        return slots.of(ring.root());
    }

    void write(String vaultId, List<Slot> slots) {
        int next = Files.exists(slotsPath()) ? nextSlotId() : 1;
        written(() -> new SlotsFile(vaultId, List.copyOf(slots), next).write(slotsPath()));
    }

    void sync() {
        DurableFile.sync(directory);
    }

    /** Leaves those slots alone in the file, if it can: slots of no root that counts open nothing, and go with the next. */
    void tidy(String vaultId, List<Slot> slots) {
        try {
            write(vaultId, slots);
        } catch (Refused | DurableFile.SyncFailed e) {
            // The ring is written, and is what counts: nothing may say now that nothing was done.
        }
    }

    /** The slots of a root to come, beside those of the root in use; refused if either was changed since they were made. */
    void writeBeside(RingFile ring, int root, List<Slot> next) {
        if (root != ring.root() + 1 || next.get(0).head().id() != nextSlotId()) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "Root or slots were changed meanwhile: begin once more.");
        }
        List<Slot> both = new ArrayList<>(openers(ring));
        both.addAll(next);
        requireRoom(both.size());
        write(ring.vaultId(), both);
    }

    /** Refused if there is no room for one more; asked before anything is made for it. */
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

    /** A number that no slot of these keys ever had. */
    int nextSlotId() {
        return SlotsFile.read(slotsPath()).next();
    }

    /** Has {@link #nextSlotId} above that; returns it. */
    int numberAbove(int id) {
        SlotsFile slots = SlotsFile.read(slotsPath());
        SlotsFile above = new SlotsFile(slots.vaultId(), slots.slots(), Math.max(slots.next(), id + 1));
        written(() -> above.write(slotsPath()));
        return above.next();
    }

    /** The slots with one more, given in its JSON form; refused if it does not go with them. */
    List<Slot> with(RingFile ring, String json) {
        List<Slot> slots = new ArrayList<>(openers(ring));
        Slot slot = SlotsFile.slot(json);
        // By number alone: one that had it meanwhile, and was removed, leaves its name in the log.
        if (slot.head().id() != nextSlotId() || slot.head().root() != ring.root()) {
            throw new Refused(
                    Problem.CHANGED_MEANWHILE,
                    "Slots, or the root, were changed since that one was made; make it anew.");
        }
        slots.add(slot);
        requireRoom(slots.size());
        return slots;
    }

    /** The slots without that one; refused if it is not there, or the last. */
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

    /** The root behind a passphrase; refused with {@code invalid-credentials} if it opens no slot. */
    OpenedRoot behind(byte[] passphrase) {
        RingFile ring = ring();
        for (Slot slot : openers(ring)) {
            if (slot instanceof PassphraseSlot opens) {
                try {
                    return new OpenedRoot(slot.head().id(), opens.open(ring.vaultId(), passphrase));
                } catch (IntegrityException e) {
                    // Of another slot, perhaps.
                }
            }
        }
        throw new Refused(Problem.INVALID_CREDENTIALS, "No slot opens with that.");
    }
}

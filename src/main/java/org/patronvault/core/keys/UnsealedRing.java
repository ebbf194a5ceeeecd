package org.patronvault.core.keys;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.patronvault.core.keys.ring.KeyRing;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.ring.RingRevision;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The open ring in use and its root key, with reading and writing it. Callers hold the lock of {@link KeyCustody},
 * except for {@link #keys} and {@link #isOpen}.
 */
final class UnsealedRing {
    private final KeyFiles files;
    private final Supplier<UnsealedKeys> newest;
    private int opener;
    private byte[] root;
    private RingFile file;
    private Optional<RingRevision> logged = Optional.empty();
    private volatile UnsealedKeys keys;

    /**
     * Starts closed.
     *
     * @param newest called, on any thread, for a version that the ring in use lacks
     */
    UnsealedRing(KeyFiles files, Supplier<UnsealedKeys> newest) {
        this.files = files;
        this.newest = newest;
    }

    boolean isOpen() {
        return keys != null;
    }

    UnsealedKeys keys() {
        UnsealedKeys now = keys;
        if (now == null) {
            throw new Refused(Problem.SEALED, "The vault is sealed; a custodian must unseal it.");
        }
        return now;
    }

    /** Returns its file as last read or written here. */
    RingFile file() {
        keys();
        return file;
    }

    byte[] root() {
        keys();
        return root;
    }

    /** Sets the last state that the log spoke of, which each later write records; an earlier one changes nothing. */
    void logged(RingRevision mark) {
        logged = logged.filter(later -> later.revision() > mark.revision()).or(() -> Optional.of(mark));
    }

    /** Returns the number of the slot that opened it; 0 for none. */
    int opener() {
        return opener;
    }

    /** Opens the ring on disk with that root key, and takes over the key's bytes. */
    void open(KeyFiles.OpenedRoot behind) {
        byte[] rootKey = behind.rootKey();
        RingFile now = files.ring();
        KeyRing ring;
        try {
            ring = now.open(rootKey);
        } catch (IntegrityException e) {
            Arrays.fill(rootKey, (byte) 0);
            throw new Refused(Problem.KEYS_REFUSED, "The slot opened, but keys/ring.json was changed.");
        }
        use(rootKey, now, ring);
        logged = Optional.empty();
        opener = behind.slot();
    }

    /**
     * Returns the newest ring on disk, which is in use from here on. A change of an older ring would undo changes of
     * another process.
     *
     * @throws Refused if the ring on disk is neither the one in use nor a later one, under one root
     */
    KeyRing newest() {
        RingFile now = files.ring();
        if (!now.isSame(file())) {
            if (now.root() != file.root() || now.revision() <= file.revision()) {
                throw notNewer();
            }
            try {
                use(root, now, now.open(root));
            } catch (IntegrityException e) {
                throw notNewer();
            }
        }
        return keys().ring();
    }

    /** Applies a step to the newest ring, and puts the result on disk and in use; an unchanged ring is not written. */
    void change(UnaryOperator<KeyRing> step) {
        KeyRing before = newest();
        KeyRing after = step.apply(before);
        if (after != before) {
            write(root, file.root(), after);
        }
    }

    /** Seals the ring under the root of those slots, which alone open it then; returns them. */
    List<Slot> renew(SlotMaker made) {
        List<Slot> next = made.made();
        KeyRing ring = newest();
        files.writeBeside(file, made.root(), next);
        byte[] old = root;
        write(made.rootKey(), made.root(), ring.again());
        Arrays.fill(old, (byte) 0);
        files.tidy(file.vaultId(), next);
        return next;
    }

    /** Starts to use the ring on disk; returns false if it is under another root. */
    boolean follow() {
        boolean same = files.ring().root() == file().root();
        if (same) {
            KeyRing unused = newest();
        }
        return same;
    }

    private static Refused notNewer() {
        return new Refused(
                Problem.KEYS_REFUSED,
                "keys/ring.json is neither the ring this process opened nor one that came after it, so nothing was done."
                        + " See that keys/ is the newest there is, then seal this vault and unseal it.");
    }

    /** Puts the next ring on disk, under that root, and in use. */
    void write(byte[] newRoot, int rootNumber, KeyRing next) {
        RingFile sealed = RingFile.seal(next, rootNumber, newRoot, logged);
        files.write(sealed);
        use(newRoot, sealed, next);
    }

    private void use(byte[] newRoot, RingFile newFile, KeyRing next) {
        UnsealedKeys before = keys;
        root = newRoot;
        file = newFile;
        keys = new UnsealedKeys(next, newest);
        if (before != null) {
            before.ring().wipeBut(next);
        }
    }

    /** Wipes the secret bytes and drops the rest. */
    void close() {
        if (keys != null) {
            keys.ring().wipe();
            Arrays.fill(root, (byte) 0);
            keys = null;
            root = null;
            opener = 0;
        }
    }
}

package org.patronvault.keys;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The ring in use and the root that it is sealed under, while the vault is open, and their way to disk and back. Who calls
 * holds the lock of {@link KeyCustody}, except for {@link #keys} and {@link #isOpen}.
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
     * Nothing is open yet.
     *
     * @param newest asked, by any thread, for a version that the ring in use lacks
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

    /** As it lies on disk, unless another process changed it. */
    RingFile file() {
        keys();
        return file;
    }

    byte[] root() {
        keys();
        return root;
    }

    /** From now on each state that is written says that the log spoke of that one last, unless a later one is known. */
    void logged(RingRevision mark) {
        logged = logged.filter(later -> later.revision() > mark.revision()).or(() -> Optional.of(mark));
    }

    /** The number of the slot that opened it; 0 for none. */
    int opener() {
        return opener;
    }

    /** Opens what is on disk with that root key, whose bytes are taken over. */
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
     * The newest ring, which is in use from here on: what is made of an older one would bring back what another process,
     * sharing these files, has ended since.
     *
     * @throws Refused if the one on disk is neither the one in use nor came after it, under the same root
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

    /** Puts what the step makes of the newest ring on disk, and in use; the same one stays. */
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

    /** Takes up what lies on disk; false if that is under another root. */
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

    /** Wipes what is ours and drops the rest. */
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

package org.patronvault.core.keys;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyRing;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingRevision;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.keys.share.ShareResult;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.UnsealProgress;

/**
 * The keys of one vault: sealed, or unsealed with the root key in memory. Thread-safe. Changes of the ring happen one
 * at a time and are on disk before they are used.
 */
public final class KeyCustody {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyFiles files;
    private final Clock clock;
    private final PendingShares offered;
    private final UnsealedRing open;
    private volatile int seals;

    KeyCustody(KeyFiles files, Clock clock, LongSupplier nanoTime) {
        this.files = files;
        this.clock = clock;
        this.offered = new PendingShares(files, nanoTime);
        this.open = new UnsealedRing(files, this::newest);
    }

    /** Returns the keys in an existing {@code directory}, sealed. */
    public static KeyCustody at(Path directory, Clock clock) {
        return at(directory, clock, System::nanoTime);
    }

    public static KeyCustody at(Path directory, Clock clock, LongSupplier nanoTime) {
        return new KeyCustody(new KeyFiles(directory).requireExists(), clock, nanoTime);
    }

    synchronized void begin(byte[] root, int rootNumber, KeyRing ring) {
        open.write(root, rootNumber, ring);
    }

    /** Returns the ID of the vault these keys are of; known while sealed. */
    public String vaultId() {
        return files.ring().vaultId();
    }

    /** Whether no key is in memory. */
    public boolean isSealed() {
        return !open.isOpen();
    }

    /**
     * Unseals the ring with a passphrase. On an open ring the passphrase is only tested.
     *
     * @return whether this opened it
     * @throws Refused with {@code invalid-credentials} if no slot opens, for any reason; with {@code busy} if the vault
     *     was sealed during the try, which is then void
     */
    public boolean unseal(byte[] passphrase) {
        boolean proof = open.isOpen();
        int sealsBefore = seals;
        // Argon2id takes a second, so the lock that every change of the ring needs is not held meanwhile.
        return open(files.behind(passphrase), proof, sealsBefore);
    }

    /**
     * Takes one share. The last one needed opens the ring. Until then a share waits for others for a quarter of an
     * hour. On an open ring the share is only tested.
     *
     * @return whether this opened it, and the progress
     * @throws Refused with a problem that names the fault; the shares already taken stay
     */
    public ShareResult offer(String words) {
        int sealsBefore = seals;
        if (open.isOpen()) {
            offered.look(words);
            return new ShareResult(false, new UnsealProgress(false, 0, 0));
        }
        PendingShares.Step step = offered.offer(words);
        return new ShareResult(
                step.root().filter(root -> open(root, false, sealsBefore)).isPresent(), step.after());
    }

    /** Returns the progress of unsealing; of several sets, that of the nearest. */
    public UnsealProgress unsealing() {
        return open.isOpen() ? new UnsealProgress(false, 0, 0) : offered.progress();
    }

    /** Returns a drill that tests what opens these keys, sealed or not, without unsealing. */
    public Drill drill() {
        return new Drill(files);
    }

    /** Returns how often they were sealed. Results obtained with open keys hold until this number changes. */
    public int seals() {
        return seals;
    }

    /** Opens the ring with a slot's root key, unless it was sealed since; takes over the key's bytes. */
    public synchronized boolean open(KeyFiles.OpenedRoot root, boolean proof, int sealsBefore) {
        boolean sealedSince = seals != sealsBefore;
        if (sealedSince || proof || open.isOpen()) {
            Arrays.fill(root.rootKey(), (byte) 0);
            if (sealedSince) {
                throw new Refused(Problem.BUSY, "The vault was sealed meanwhile; offer it once more to unseal it.", 1);
            }
            return false;
        }
        open.open(root);
        offered.forget();
        return true;
    }

    /** Returns the number of the slot that opened them; 0 for none. */
    public synchronized int opener() {
        return open.opener();
    }

    /** Wipes the root key, waiting shares and all other secret bytes, and drops the rest. */
    public synchronized void seal() {
        seals++;
        offered.forget();
        open.close();
    }

    /** Returns the keys of the newest state of the ring. */
    public UnsealedKeys keys() {
        return open.keys();
    }

    /** Returns the state of the ring in use. */
    public synchronized RingRevision mark() {
        return new RingRevision(open.file().revision(), open.file().digest());
    }

    /** Sets the last state that the log spoke of; each new state records it. */
    public synchronized void logged(RingRevision mark) {
        open.logged(mark);
    }

    /** Returns the last state that the log spoke of when the one in use was written, as far as known. */
    public synchronized Optional<RingRevision> after() {
        return open.file().after();
    }

    /** Makes a new primary version of each of those keys at once; the previous one stays active. */
    public RingRevision addVersion(String... names) {
        return change(ring -> ring.withNewVersions(List.of(names), RANDOM, clock));
    }

    /** Makes a new primary version of the two keys of the search index; the previous one stays active. */
    public synchronized int addIndexVersion() {
        RingRevision unused = addVersion(KeyName.INDEX_LABEL, KeyName.INDEX_VALUE);
        return keys().newestIndexVersion();
    }

    /** Records that no entry of the search index needs that version any more; a repeated call does nothing. */
    public void retireIndexVersion(int version) {
        change(ring -> ring.hasActiveIndex(version) ? ring.withIndexRetired(version) : ring);
    }

    /**
     * Makes sure that the log has a content key for {@code month} (yyyymm). The month must never have had a destroyed
     * one.
     */
    public void ensureContentKey(int month) {
        change(ring -> ring.withContentKey(month, RANDOM, clock));
    }

    /** Closes every content key of the log: the next entry with subjects makes another. */
    public void closeContentKeys() {
        change(KeyRing::withClosedMonths);
    }

    /** Records missing content keys of months (yyyymm) as lost, so that none of these months gets a second key. */
    public synchronized void loseContentKeys(Set<Integer> months) {
        change(ring -> ring.withLost(KeyName.LOG_CONTENT, months, clock));
    }

    /** Ends commissioning for ever; does nothing if it is over already. */
    public void endCommissioning() {
        change(ring -> ring.isCommissioned() ? ring : ring.commissioned());
    }

    /** Records that no value needs a key version any more. */
    public RingRevision retire(String name, int version) {
        return change(ring -> ring.withState(name, version, KeyState.RETIRED));
    }

    /** Destroys the bytes of a key version for ever; values under it can never be decrypted again. */
    public void destroy(String name, int version) {
        change(ring -> ring.withState(name, version, KeyState.DESTROYED));
    }

    private synchronized RingRevision change(UnaryOperator<KeyRing> step) {
        keys();
        return files.locked(() -> {
            open.change(step);
            return mark();
        });
    }

    /**
     * Reads the ring on disk, which another process may have changed. A ring under another root cannot be opened: then
     * the keys are wiped, and a holder of the new slots must unseal.
     *
     * @throws Refused if it cannot be read, or is older than the one in use
     */
    public synchronized void follow() {
        if (open.isOpen() && !open.follow()) {
            seal();
        }
    }

    /** Returns the keys of the newest ring on disk, for a caller that lacks a version. */
    private synchronized UnsealedKeys newest() {
        KeyRing unused = open.newest();
        return open.keys();
    }

    /** Returns the ledger: the facts that keys/ remembers beyond the database. */
    public Ledger ledger() {
        return new Ledger(files.directory().resolve(Ledger.NAME), this);
    }

    /** Returns the slots, known while sealed. */
    public List<SlotFacts> slots() {
        return files.openers(files.ring()).stream().map(Slot::facts).toList();
    }

    /** Returns a copy of the files without those key versions, as {@link KeysCopy#version} writes them. */
    public synchronized KeysCopy copy(Set<String> without) {
        return KeysCopy.without(without, files, open);
    }

    /** Returns a maker of more slots for the root in use; they count once {@link #addingSlot} has added them. */
    public synchronized SlotMaker moreSlots() {
        KeyRing unused = open.newest();
        files.requireRoom(open.file());
        return new SlotMaker(
                open.file().vaultId(), open.file().root(), open.root().clone(), files.nextSlotId(), clock);
    }

    /**
     * Returns an act that adds a slot of {@link #moreSlots}, given in its JSON form.
     *
     * @throws Refused, now or in the act, if the root was renewed, or another slot took its number, since it was made
     */
    public synchronized Runnable addingSlot(String json) {
        keys();
        // An impossible act is refused before it is logged as done.
        List<Slot> unused = files.with(open.file(), json);
        return () -> writeSlots(() -> files.with(open.file(), json));
    }

    /** Removes a slot; refuses if it is missing, or the last. */
    public void removeSlot(int id) {
        writeSlots(() -> files.without(open.file(), id));
    }

    private synchronized void writeSlots(Supplier<List<Slot>> made) {
        keys();
        files.locked(() -> {
            // With another root on disk, these slots would replace working ones and open nothing.
            KeyRing unused = open.newest();
            files.write(open.file().vaultId(), made.get());
            return made;
        });
    }

    /** Returns the slots as they are in their file, and the next number. */
    public SlotList slotList() {
        return new SlotList(files);
    }

    /** Returns a new root key with its slots; nothing changes before {@link #rotateRoot}. */
    public synchronized SlotMaker newRoot() {
        KeyRing unused = open.newest();
        files.requireRoom(open.file());
        byte[] key = new byte[open.root().length];
        RANDOM.nextBytes(key);
        return new SlotMaker(open.file().vaultId(), open.file().root() + 1, key, files.nextSlotId(), clock);
    }

    /**
     * Seals the ring under a new root, which only its own slots open from then on. Refuses if a slot was added since,
     * which would be lost. Until the ring is written the old slots open it, then the new ones; the file has both
     * meanwhile.
     */
    public synchronized void rotateRoot(SlotMaker made) {
        keys();
        files.locked(() -> open.renew(made));
    }
}

package org.patronvault.keys;

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
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.UnsealProgress;

/**
 * The keys of one vault: sealed, or unsealed with the root key in memory. Safe for use by many threads; changes of the
 * ring happen one at a time and are on disk before they are used.
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

    /** The keys in an existing {@code directory}, sealed. */
    public static KeyCustody at(Path directory, Clock clock) {
        return at(directory, clock, System::nanoTime);
    }

    static KeyCustody at(Path directory, Clock clock, LongSupplier nanoTime) {
        return new KeyCustody(new KeyFiles(directory).requireExists(), clock, nanoTime);
    }

    synchronized void begin(byte[] root, int rootNumber, KeyRing ring) {
        open.write(root, rootNumber, ring);
    }

    /** Which vault these keys are of; known while sealed. */
    public String vaultId() {
        return files.ring().vaultId();
    }

    /** Whether no key is in memory. */
    public boolean isSealed() {
        return !open.isOpen();
    }

    /**
     * Opens the ring with a passphrase. If it is open already the passphrase is tried all the same, and nothing else
     * happens.
     *
     * @return whether this opened it
     * @throws Refused with {@code invalid-credentials} if no slot opens, whatever the reason; with {@code busy} if it
     *     was sealed during the try, which is void then
     */
    public boolean unseal(byte[] passphrase) {
        boolean proof = open.isOpen();
        int sealsBefore = seals;
        // Takes a second of Argon2id, so the lock that every change of the ring needs is not held meanwhile.
        return open(files.behind(passphrase), proof, sealsBefore);
    }

    /**
     * Takes one share. With the last that is needed the ring is opened; until then it waits, a quarter of an hour, for
     * others. On an open ring the share is looked at all the same, and nothing else happens.
     *
     * @return whether this opened it, and how far it is
     * @throws Refused with a problem that names what is wrong with it; what is here already stays
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

    /** How far it is from being unsealed; of several sets, of the one that is nearest. */
    public UnsealProgress unsealing() {
        return open.isOpen() ? new UnsealProgress(false, 0, 0) : offered.progress();
    }

    /** Proves what opens these keys, sealed or not, without unsealing. */
    public Drill drill() {
        return new Drill(files);
    }

    /** How often they were sealed: what was found out with open keys holds until that is another number. */
    public int seals() {
        return seals;
    }

    /** Opens the ring with the root key that a slot gave, unless it was sealed since; its bytes are taken over. */
    synchronized boolean open(KeyFiles.OpenedRoot root, boolean proof, int sealsBefore) {
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

    /** The number of the slot that opened them; 0 for none. */
    public synchronized int opener() {
        return open.opener();
    }

    /** Wipes the root key and what else is ours, shares that wait among it, and drops the rest. */
    public synchronized void seal() {
        seals++;
        offered.forget();
        open.close();
    }

    /** The keys of the newest state of the ring. */
    public UnsealedKeys keys() {
        return open.keys();
    }

    /** Which state of the ring is in use. */
    public synchronized RingRevision mark() {
        return new RingRevision(open.file().revision(), open.file().digest());
    }

    /** Has each state from now on say that the log spoke of that one last. */
    public synchronized void logged(RingRevision mark) {
        open.logged(mark);
    }

    /** Which state the log spoke of last when the one in use was written, as far as that was known. */
    public synchronized Optional<RingRevision> after() {
        return open.file().after();
    }

    /** Makes a new primary version of each of those keys at once; the one before stays active. */
    public RingRevision addVersion(String... names) {
        return change(ring -> ring.withNewVersions(List.of(names), RANDOM, clock));
    }

    /** Makes a new primary version of the two keys of the search index; the one before stays active. */
    public synchronized int addIndexVersion() {
        RingRevision unused = addVersion(KeyName.INDEX_LABEL, KeyName.INDEX_VALUE);
        return keys().newestIndexVersion();
    }

    /** Notes that no entry of the search index hangs on that version any more; nothing happens if that was noted. */
    public void retireIndexVersion(int version) {
        change(ring -> ring.hasActiveIndex(version) ? ring.withIndexRetired(version) : ring);
    }

    /** Makes sure that the log has a content key for {@code month} (yyyymm), which never had one that was destroyed. */
    public void ensureContentKey(int month) {
        change(ring -> ring.withContentKey(month, RANDOM, clock));
    }

    /** Closes every content key of the log: the next entry with subjects makes another. */
    public void closeContentKeys() {
        change(KeyRing::withClosedMonths);
    }

    /** Notes of months (yyyymm) whose content key is not there that it is lost, so that none gets a second one. */
    public synchronized void loseContentKeys(Set<Integer> months) {
        change(ring -> ring.withLost(KeyName.LOG_CONTENT, months, clock));
    }

    /** Ends commissioning for ever; nothing happens if it is over already. */
    public void endCommissioning() {
        change(ring -> ring.isCommissioned() ? ring : ring.commissioned());
    }

    /** Notes that nothing hangs on a version any more. */
    public RingRevision retire(String name, int version) {
        return change(ring -> ring.withState(name, version, KeyState.RETIRED));
    }

    /** Destroys the bytes of a version for ever; what hangs on it can never be opened again. */
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
     * Takes up the ring as it lies on disk, which another process that shares it may have changed. One under another root
     * cannot be opened: then the keys are wiped, and whoever has the new slots unseals.
     *
     * @throws Refused if it cannot be read, or is older than the one in use
     */
    public synchronized void follow() {
        if (open.isOpen() && !open.follow()) {
            seal();
        }
    }

    /** The keys of the newest state of the ring on disk, for who lacks a version. */
    private synchronized UnsealedKeys newest() {
        KeyRing unused = open.newest();
        return open.keys();
    }

    /** What keys/ remembers beyond the database. */
    public Ledger ledger() {
        return new Ledger(files.directory().resolve(Ledger.NAME), this);
    }

    /** The slots, known while sealed. */
    public List<SlotFacts> slots() {
        return files.openers(files.ring()).stream().map(Slot::facts).toList();
    }

    /** A copy of the files, to be kept elsewhere, in which those versions, as {@link KeysCopy#version} writes them, are not. */
    public synchronized KeysCopy copy(Set<String> without) {
        return KeysCopy.without(without, files, open);
    }

    /** More slots for the root in use; they count once {@link #addingSlot} has taken them. */
    public synchronized SlotMaker moreSlots() {
        KeyRing unused = open.newest();
        files.requireRoom(open.file());
        return new SlotMaker(
                open.file().vaultId(), open.file().root(), open.root().clone(), files.nextSlotId(), clock);
    }

    /**
     * Adds a slot that {@link #moreSlots} made, given in its JSON form, when what this returns is run.
     *
     * @throws Refused, now or then, if the root was renewed, or another slot took its number, since it was made
     */
    public synchronized Runnable addingSlot(String json) {
        keys();
        // What cannot be done is refused before it is logged as done.
        List<Slot> unused = files.with(open.file(), json);
        return () -> writeSlots(() -> files.with(open.file(), json));
    }

    /** Removes a slot; refused if it is not there, or the last. */
    public void removeSlot(int id) {
        writeSlots(() -> files.without(open.file(), id));
    }

    private synchronized void writeSlots(Supplier<List<Slot>> made) {
        keys();
        files.locked(() -> {
            // Of another root these would be slots that open nothing, in place of those that do.
            KeyRing unused = open.newest();
            files.write(open.file().vaultId(), made.get());
            return made;
        });
    }

    /** The slots as they stand in their file, and the numbers to be given. */
    public SlotList slotList() {
        return new SlotList(files);
    }

    /** A new root key and the slots to come; nothing changes before {@link #rotateRoot} has taken them. */
    public synchronized SlotMaker newRoot() {
        KeyRing unused = open.newest();
        files.requireRoom(open.file());
        byte[] key = new byte[open.root().length];
        RANDOM.nextBytes(key);
        return new SlotMaker(open.file().vaultId(), open.file().root() + 1, key, files.nextSlotId(), clock);
    }

    /**
     * Seals the ring under a new root, which its slots alone open from then on; refused if one was added since, since it
     * would vanish. Until the ring is written the old slots open it, then the new ones: both stand in the file meanwhile.
     */
    public synchronized void rotateRoot(SlotMaker made) {
        keys();
        files.locked(() -> open.renew(made));
    }
}

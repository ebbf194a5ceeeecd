package org.patronvault.keys;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The keys of one vault: sealed, or unsealed with the root key in memory. Safe for use by many threads; changes of the
 * ring happen one at a time and are on disk before they are used.
 */
public final class KeyCustody {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path directory;
    private final Clock clock;
    private byte[] root;
    private RingFile ringFile;
    private volatile UnsealedKeys unsealed;
    private volatile int seals;

    private KeyCustody(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** The keys in an existing {@code directory}, sealed. */
    public static KeyCustody at(Path directory, Clock clock) {
        if (!Files.isRegularFile(directory.resolve("ring.json"))) {
            throw new Refused(
                    Problem.KEYS_REFUSED, "There is no key ring in keys/; make a home with `init`, or put keys/ back.");
        }
        return new KeyCustody(directory, clock);
    }

    /** Makes a new ring with one passphrase slot in {@code directory}, unsealed. */
    public static KeyCustody create(Path directory, String vaultId, byte[] passphrase, Clock clock) {
        requireStrongEnough(passphrase);
        if (Files.exists(directory.resolve("ring.json"))) {
            throw new Refused(Problem.HOME_EXISTS, "There is a key ring in keys/ already.");
        }
        DurableFile.makeDirectory(directory);
        byte[] root = new byte[32];
        RANDOM.nextBytes(root);
        PassphraseSlot slot =
                PassphraseSlot.create(vaultId, 1, clock.instant().getEpochSecond(), passphrase, root, RANDOM);
        new SlotsFile(vaultId, List.of(slot)).write(directory.resolve("slots.json"));
        KeyCustody custody = new KeyCustody(directory, clock);
        custody.become(root, KeyRing.create(vaultId, RANDOM, clock));
        return custody;
    }

    private static void requireStrongEnough(byte[] passphrase) {
        if (passphrase.length < 12 || passphrase.length > 1024) {
            throw new Refused(Problem.INVALID, "The passphrase must be 12 to 1,024 bytes long.");
        }
    }

    private synchronized void become(byte[] newRoot, KeyRing ring) {
        RingFile sealed = RingFile.seal(ring, newRoot);
        sealed.write(directory.resolve("ring.json"));
        root = newRoot;
        ringFile = sealed;
        unsealed = new UnsealedKeys(ring);
    }

    /** Which vault these keys are of; known while sealed. */
    public String vaultId() {
        return RingFile.read(directory.resolve("ring.json")).vaultId();
    }

    /** Whether no key is in memory. */
    public boolean isSealed() {
        return unsealed == null;
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
        boolean proof = unsealed != null;
        int sealsBefore = seals;
        SlotsFile slots = SlotsFile.read(directory.resolve("slots.json"));
        RingFile file = RingFile.read(directory.resolve("ring.json"));
        if (!slots.vaultId().equals(file.vaultId())) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/ holds the slots of one vault and the ring of another.");
        }
        for (PassphraseSlot slot : slots.slots()) {
            byte[] candidate;
            try {
                // Takes a second of Argon2id, so the lock that every change of the ring needs is not held meanwhile.
                candidate = slot.open(slots.vaultId(), passphrase);
            } catch (IntegrityException e) {
                continue;
            }
            return open(candidate, proof, sealsBefore);
        }
        throw new Refused(Problem.INVALID_CREDENTIALS, "No slot opens with that.");
    }

    /** Opens the ring with the root key that a slot gave; its bytes are taken over. */
    void open(byte[] fromSlot) {
        open(fromSlot, false, seals);
    }

    private synchronized boolean open(byte[] candidate, boolean proof, int sealsBefore) {
        if (seals != sealsBefore) {
            Arrays.fill(candidate, (byte) 0);
            throw new Refused(Problem.BUSY, "The vault was sealed meanwhile; offer it once more to unseal it.", 1);
        }
        if (proof || unsealed != null) {
            Arrays.fill(candidate, (byte) 0);
            return false;
        }
        RingFile file = RingFile.read(directory.resolve("ring.json"));
        try {
            unsealed = new UnsealedKeys(file.open(candidate));
        } catch (IntegrityException e) {
            Arrays.fill(candidate, (byte) 0);
            throw new Refused(Problem.KEYS_REFUSED, "The passphrase is right, but keys/ring.json was changed.");
        }
        root = candidate;
        ringFile = file;
        return true;
    }

    /** Wipes the root key and what else is ours, and drops the rest. */
    public synchronized void seal() {
        seals++;
        if (unsealed != null) {
            unsealed.ring().wipe();
            Arrays.fill(root, (byte) 0);
            unsealed = null;
            root = null;
        }
    }

    /** The keys of the newest state of the ring. */
    public UnsealedKeys keys() {
        UnsealedKeys now = unsealed;
        if (now == null) {
            throw new Refused(Problem.SEALED, "The vault is sealed; a custodian must unseal it.");
        }
        return now;
    }

    /** Which state of the ring is in use. */
    public synchronized RingMark mark() {
        keys();
        return new RingMark(ringFile.revision(), ringFile.digest());
    }

    /** Makes a new primary version of a key; the one before stays active. */
    public RingMark addVersion(String name) {
        return change(ring -> ring.withNewVersion(name, ring.primary(name).version() + 1, RANDOM, clock));
    }

    /** Makes sure that the log has a content key for {@code month} (yyyymm). */
    public synchronized void ensureContentKey(int month) {
        if (keys().ring().version(KeyName.LOG_CONTENT, month).isEmpty()) {
            change(ring -> ring.withNewVersion(KeyName.LOG_CONTENT, month, RANDOM, clock));
        }
    }

    /** Whether commissioning is over: a patron was stored once. */
    public boolean isCommissioned() {
        return keys().ring().isCommissioned();
    }

    /** Ends commissioning for ever; nothing happens if it is over already. */
    public synchronized void endCommissioning() {
        if (!isCommissioned()) {
            change(KeyRing::commissioned);
        }
    }

    /** Notes that nothing hangs on a version any more. */
    public RingMark retire(String name, int version) {
        return change(ring -> ring.withState(name, version, KeyState.RETIRED));
    }

    private synchronized RingMark change(UnaryOperator<KeyRing> step) {
        become(root, step.apply(keys().ring()));
        return mark();
    }

    /** The slots, known while sealed. */
    public List<SlotFacts> slots() {
        return SlotsFile.read(directory.resolve("slots.json")).slots().stream()
                .map(s ->
                        new SlotFacts(s.id(), PassphraseSlot.KIND, java.time.Instant.ofEpochSecond(s.createdSeconds())))
                .toList();
    }
}

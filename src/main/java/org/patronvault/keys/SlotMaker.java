package org.patronvault.keys;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * Slots being made for one root key, in memory: nothing is written before every share of them was proved, so whoever
 * stops half-way changes nothing. Not for use by more than one thread; closing wipes what is left.
 */
public final class SlotMaker implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ROOT_BYTES = 32;
    private static final int MIN_PASSPHRASE_BYTES = 12;
    private static final int MAX_PASSPHRASE_BYTES = 1024;

    private final String vaultId;
    private final int root;
    private final byte[] rootKey;
    private final Clock clock;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Share> shares = new ArrayList<>();
    private final Set<List<Integer>> proved = new HashSet<>();
    private int nextId;
    private boolean closed;

    SlotMaker(String vaultId, int root, byte[] rootKey, int nextId, Clock clock) {
        this.vaultId = vaultId;
        this.root = root;
        this.rootKey = rootKey;
        this.nextId = nextId;
        this.clock = clock;
    }

    /** Slots for the first root of a new vault, which is drawn here. */
    public static SlotMaker forNewVault(String vaultId, Clock clock) {
        return new SlotMaker(vaultId, 1, SecureBytes.random(ROOT_BYTES), 1, clock);
    }

    private synchronized Slot.Head head() {
        requireOpen();
        if (nextId == Integer.MAX_VALUE) {
            // One of that number could not be read again.
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "keys/slots.json counts higher than anyone ever did: put back the last copy of keys/.");
        }
        return new Slot.Head(nextId++, root, clock.instant().getEpochSecond());
    }

    /** Adds a slot that a passphrase opens. */
    public void addPassphrase(byte[] passphrase) {
        requireStrongEnough(passphrase);
        slots.add(PassphraseSlot.create(vaultId, head(), passphrase, rootKey, RANDOM));
    }

    /** Refuses a passphrase that is too short, or too long to be one. */
    public static void requireStrongEnough(byte[] passphrase) {
        if (passphrase.length < MIN_PASSPHRASE_BYTES || passphrase.length > MAX_PASSPHRASE_BYTES) {
            throw new Refused(Problem.INVALID, "The passphrase must be 12 to 1,024 bytes long.");
        }
    }

    /** Adds a slot that any {@code threshold} of the shares given back open; each must be proved before it counts. */
    public List<Share> addShares(int count, int threshold) {
        SharesSlot.NewSlot made = SharesSlot.create(vaultId, head(), count, threshold, rootKey, RANDOM);
        slots.add(made.slot());
        shares.addAll(made.shares());
        return made.shares();
    }

    /** Adds a slot that a key in an HSM opens, which is made there if it is not; the PIN is offered once, and wiped. */
    public void addHsm(HsmAddress address, char[] pin) {
        slots.add(HsmSlot.create(vaultId, head(), address, pin, rootKey));
    }

    /** Adds a slot that a key in AWS KMS opens: {@code aws-kms://} and its ARN. */
    public void addKms(String uri) {
        slots.add(KmsSlot.create(vaultId, head(), uri, rootKey));
    }

    /**
     * Takes a share as it was written down, so that it is known that it was.
     *
     * @throws Refused if it is not one of those made here, or was proved before
     */
    public void prove(Share share) {
        SharesSlot.of(slots, share);
        if (!proved.add(List.of(share.setId(), share.index()))) {
            throw new Refused(
                    Problem.SHARE_DUPLICATE, "Share " + share.index() + " was proved already; take the next card.");
        }
    }

    /** How many shares nobody has proved yet. */
    public int toProve() {
        return shares.size() - proved.size();
    }

    /** Which vault these slots are of. */
    public String vaultId() {
        return vaultId;
    }

    /** What anyone may know of the slots made so far. */
    public List<SlotFacts> facts() {
        return slots.stream().map(Slot::facts).toList();
    }

    /** The slots, each as it will stand in {@code slots.json}: it holds no key, only what one seals. */
    public List<String> json() {
        return made().stream().map(slot -> slot.toJson().toString()).toList();
    }

    List<Slot> made() {
        if (slots.isEmpty()) {
            throw new Refused(Problem.INVALID, "Say what shall open the vault: a passphrase, shares, an HSM or a KMS.");
        }
        if (toProve() > 0) {
            throw new Refused(Problem.SHARE_REFUSED, toProve() + " shares were not proved yet; nothing was changed.");
        }
        return List.copyOf(slots);
    }

    int root() {
        return root;
    }

    /** A copy of the root key; refused once this is closed, since nothing may ever be sealed under what is left then. */
    synchronized byte[] rootKey() {
        requireOpen();
        return rootKey.clone();
    }

    private void requireOpen() {
        if (closed) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "It was given up meanwhile: begin once more.");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        SecureBytes.wipe(rootKey);
        shares.forEach(Share::wipe);
    }
}

package org.patronvault.core.keys.slot;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * New slots for one root key, in memory. Nothing is written before every share of them was proved, so stopping half-way
 * changes nothing. Closing wipes the secrets. Not thread-safe.
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

    public SlotMaker(String vaultId, int root, byte[] rootKey, int nextId, Clock clock) {
        this.vaultId = vaultId;
        this.root = root;
        this.rootKey = rootKey;
        this.nextId = nextId;
        this.clock = clock;
    }

    /** Makes slots for the first root of a new vault, which is drawn here. */
    public static SlotMaker forNewVault(String vaultId, Clock clock) {
        return new SlotMaker(vaultId, 1, SecureBytes.random(ROOT_BYTES), 1, clock);
    }

    private synchronized Slot.Head head() {
        requireOpen();
        if (nextId == Integer.MAX_VALUE) {
            // A slot with that number could not be read again.
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

    /** Refuses a passphrase that is too short, or too long. */
    public static void requireStrongEnough(byte[] passphrase) {
        if (passphrase.length < MIN_PASSPHRASE_BYTES || passphrase.length > MAX_PASSPHRASE_BYTES) {
            throw new Refused(Problem.INVALID, "The passphrase must be 12 to 1,024 bytes long.");
        }
    }

    /**
     * Adds a slot that any {@code threshold} of the returned shares open; each must be proved before the slot counts.
     */
    public List<Share> addShares(int count, int threshold) {
        SharesSlot.NewSlot made = SharesSlot.create(vaultId, head(), count, threshold, rootKey, RANDOM);
        slots.add(made.slot());
        shares.addAll(made.shares());
        return made.shares();
    }

    /**
     * Adds a slot that a key in an HSM opens. The key is made there if it is missing. The PIN is offered once, and
     * wiped.
     */
    public void addHsm(HsmAddress address, char[] pin) {
        slots.add(HsmSlot.create(vaultId, head(), address, pin, rootKey));
    }

    /** Adds a slot that a key in AWS KMS opens: {@code aws-kms://} and its ARN. */
    public void addKms(String uri) {
        slots.add(KmsSlot.create(vaultId, head(), uri, rootKey));
    }

    /**
     * Takes a share as its holder wrote it down, as proof of the copy.
     *
     * @throws Refused if it was not made here, or was proved before
     */
    public void prove(Share share) {
        SharesSlot.of(slots, share);
        if (!proved.add(List.of(share.setId(), share.index()))) {
            throw new Refused(
                    Problem.SHARE_DUPLICATE, "Share " + share.index() + " was proved already; take the next card.");
        }
    }

    /** Returns how many shares are not proved yet. */
    public int toProve() {
        return shares.size() - proved.size();
    }

    /** Returns the ID of the vault these slots are of. */
    public String vaultId() {
        return vaultId;
    }

    /** Returns the public facts of the slots made so far. */
    public List<SlotFacts> facts() {
        return slots.stream().map(Slot::facts).toList();
    }

    /** Returns the slots as they will be in {@code slots.json}, without any unencrypted key. */
    public List<String> json() {
        return made().stream().map(slot -> slot.toJson().toString()).toList();
    }

    public List<Slot> made() {
        if (slots.isEmpty()) {
            throw new Refused(Problem.INVALID, "Say what shall open the vault: a passphrase, shares, an HSM or a KMS.");
        }
        if (toProve() > 0) {
            throw new Refused(Problem.SHARE_REFUSED, toProve() + " shares were not proved yet; nothing was changed.");
        }
        return List.copyOf(slots);
    }

    public int root() {
        return root;
    }

    /**
     * Returns a copy of the root key; refuses once this is closed, since the key is wiped then and must encrypt
     * nothing.
     */
    public synchronized byte[] rootKey() {
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

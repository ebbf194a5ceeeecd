package org.patronvault.keys;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * Proves that passphrases, shares, HSM and KMS still open the keys as they lie on disk, without unsealing anything: the root key
 * is there for a moment and wiped. Not for use by more than one thread.
 */
public final class Drill implements AutoCloseable {

    /**
     * What a passphrase, share or machine proved.
     *
     * @param index of the share; 0 where it was none
     * @param have how many shares of this slot were proved so far
     * @param need how many open it
     * @param opened whether the slot was opened with them, and the ring with what it gave
     */
    public record Proof(int slot, int index, int have, int need, boolean opened) {}

    private final KeyFiles files;
    private final Map<Integer, List<Share>> proved = new HashMap<>();

    Drill(KeyFiles files) {
        this.files = files;
    }

    /** Proves a passphrase; refused with {@code invalid-credentials} if it opens no slot. */
    public Proof passphrase(byte[] passphrase) {
        KeyFiles.OpenedRoot behind = files.behind(passphrase);
        requireOpens(behind.rootKey());
        return new Proof(behind.slot(), 0, 0, 0, true);
    }

    /** The share that was typed from its card, of which nothing is kept; refused by a problem that says what is wrong. */
    public VerifiedShare known(String words) {
        return VerifiedShare.typed(files, words);
    }

    /** The slots that a machine opens. */
    public List<SlotFacts> machines() {
        return new MachineSlots(files).facts();
    }

    /** Proves a slot that a machine opens; refused as its machine refuses, a PIN that is wrong once. */
    public Proof machine(int slot, Optional<HsmPin> pin) {
        requireOpens(new MachineSlots(files).root(slot, pin));
        return new Proof(slot, 0, 0, 0, true);
    }

    /**
     * Proves a share; once as many are proved as it takes, all of them together open the slot, and go on doing so with
     * each further one in place of another.
     *
     * @throws Refused with a problem that names what is wrong with it
     */
    public Proof share(String words) {
        RingFile ring = files.ring();
        List<Slot> slots = files.openers(ring);
        Share share = SharesSlot.read(slots, words);
        SharesSlot slot = SharesSlot.of(slots, share);
        List<Share> here = proved.computeIfAbsent(slot.head().id(), id -> new ArrayList<>());
        if (here.stream().anyMatch(other -> other.index() == share.index())) {
            share.wipe();
            throw new Refused(
                    Problem.SHARE_DUPLICATE, "Share " + share.index() + " was proved already; take the next card.");
        }
        here.add(share);
        boolean enough = here.size() >= slot.threshold();
        if (enough) {
            List<Share> newest = here.subList(here.size() - slot.threshold(), here.size());
            try {
                requireOpens(slot.open(ring.vaultId(), newest));
            } catch (IntegrityException e) {
                throw new Refused(Problem.KEYS_REFUSED, "The shares are right, but keys/slots.json was changed.");
            }
        }
        return new Proof(slot.head().id(), share.index(), here.size(), slot.threshold(), enough);
    }

    private void requireOpens(byte[] rootKey) {
        try {
            files.ring().open(rootKey).wipe();
        } catch (IntegrityException e) {
            throw new Refused(Problem.KEYS_REFUSED, "The slot opened, but keys/ring.json was changed.");
        } finally {
            SecureBytes.wipe(rootKey);
        }
    }

    @Override
    public void close() {
        proved.values().forEach(shares -> shares.forEach(Share::wipe));
    }
}

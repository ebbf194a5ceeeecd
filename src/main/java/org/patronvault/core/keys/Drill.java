package org.patronvault.core.keys;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SharesSlot;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A drill of the ways to open the keys: it tests passphrases, shares, HSM and KMS against the files on disk. Nothing is
 * unsealed; the root key is in memory for a moment and wiped. Not thread-safe.
 */
public final class Drill implements AutoCloseable {

    /**
     * The result of testing a passphrase, share or machine.
     *
     * @param index of the share; 0 for anything else
     * @param have how many shares of this slot were tested so far
     * @param need how many open it
     * @param opened whether they opened the slot, and its root key the ring
     */
    public record Proof(int slot, int index, int have, int need, boolean opened) {}

    private final KeyFiles files;
    private final Map<Integer, List<Share>> proved = new HashMap<>();

    Drill(KeyFiles files) {
        this.files = files;
    }

    /** Tests a passphrase; refuses with {@code invalid-credentials} if it opens no slot. */
    public Proof passphrase(byte[] passphrase) {
        KeyFiles.OpenedRoot behind = files.behind(passphrase);
        requireOpens(behind.rootKey());
        return new Proof(behind.slot(), 0, 0, 0, true);
    }

    /**
     * Identifies a share typed from its card, and keeps nothing of it; refuses a wrong one with a problem that names
     * the fault.
     */
    public VerifiedShare known(String words) {
        return VerifiedShare.typed(files, words);
    }

    /** Returns the slots that a machine opens. */
    public List<SlotFacts> machines() {
        return new MachineSlots(files).facts();
    }

    /** Tests a slot that a machine opens; refuses as the machine does, for a wrong PIN after one try. */
    public Proof machine(int slot, Optional<HsmPin> pin) {
        requireOpens(new MachineSlots(files).root(slot, pin));
        return new Proof(slot, 0, 0, 0, true);
    }

    /**
     * Tests a share. Once enough shares are tested, they open the slot together. Each further share is then tested in
     * place of another.
     *
     * @throws Refused with a problem that names the fault
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

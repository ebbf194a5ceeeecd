package org.patronvault.core.keys;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.keys.hsm.Pkcs11Token;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.slot.HsmSlot;
import org.patronvault.core.keys.slot.KmsSlot;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The slots that machines open, by keys in an HSM or AWS KMS, so that a vault can start unattended. Files are read each
 * time. Thread-safe.
 */
public final class MachineSlots {
    private final KeyFiles files;

    MachineSlots(KeyFiles files) {
        this.files = files;
    }

    /** Returns the machine slots of the keys in that directory. */
    public static MachineSlots in(Path keys) {
        return new MachineSlots(new KeyFiles(keys));
    }

    /** Returns the public facts of these slots, in the order in which they are tried. */
    public List<SlotFacts> facts() {
        return files.openers(files.ring()).stream()
                .map(Slot::facts)
                .filter(SlotFacts::isMachine)
                .toList();
    }

    /** Whether a slot can be tried; an HSM needs a PIN. */
    public boolean canBeAsked(Optional<HsmPin> pin) {
        return facts().stream().anyMatch(slot -> !slot.needsPin() || pin.isPresent());
    }

    /**
     * Opens the keys with the first slot that answers. Each is tried once, for 10 seconds at most.
     *
     * @return whether this opened them; false if they were open already
     * @throws Refused if none opens: {@code slot-unavailable} if another try may help, otherwise the first slot's
     *     refusal; with {@code busy} if they were sealed during the try, which is then void
     */
    public boolean unseal(KeyCustody custody, Optional<HsmPin> pin) {
        int sealsBefore = custody.seals();
        List<Refused> refusals = new ArrayList<>();
        for (SlotFacts slot : facts()) {
            byte[] root;
            try {
                root = root(slot.id(), pin);
            } catch (Refused e) {
                refusals.add(e);
                continue;
            }
            return custody.open(new KeyFiles.OpenedRoot(slot.id(), root), false, sealsBefore);
        }
        throw all(refusals);
    }

    private static Refused all(List<Refused> refusals) {
        if (refusals.isEmpty()) {
            return new Refused(Problem.SEALED, "No HSM and no KMS opens this vault.");
        }
        Refused first = refusals.stream()
                .filter(e -> e.problem() == Problem.SLOT_UNAVAILABLE)
                .findFirst()
                .orElse(refusals.get(0));
        String sentences = refusals.stream().map(Refused::getMessage).distinct().collect(Collectors.joining(" "));
        return new Refused(first.problem(), sentences, first.retryAfterSeconds());
    }

    /** Checks that a slot's machine answers: a KMS by opening the slot, an HSM by showing its token, without a PIN. */
    public void look(int id) {
        if (slot(id) instanceof HsmSlot hsm) {
            Pkcs11Token.look(hsm.address());
        } else {
            SecureBytes.wipe(root(id, Optional.empty()));
        }
    }

    /** Returns the root key behind that slot. */
    byte[] root(int id, Optional<HsmPin> pin) {
        RingFile ring = files.ring();
        try {
            Slot slot = slot(id);
            if (slot instanceof HsmSlot hsm) {
                return pin.orElseThrow(MachineSlots::noPin)
                        .offer(onTokenOf(hsm, ring), characters -> hsm.open(ring.vaultId(), characters));
            }
            if (slot instanceof KmsSlot kms) {
                return kms.open(ring.vaultId());
            }
            throw none();
        } catch (IntegrityException e) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "Slot " + id + " is not of this HSM or KMS key, or keys/slots.json was changed: put back the last"
                            + " copy of keys/, or open another slot and add this one anew.");
        }
    }

    private Slot slot(int id) {
        return files.openers(files.ring()).stream()
                .filter(slot -> slot.head().id() == id)
                .findFirst()
                .orElseThrow(MachineSlots::none);
    }

    private Set<Integer> onTokenOf(HsmSlot hsm, RingFile ring) {
        return files.openers(ring).stream()
                .filter(slot -> slot instanceof HsmSlot other
                        && other.address().token().equals(hsm.address().token()))
                .map(slot -> slot.head().id())
                .collect(Collectors.toSet());
    }

    private static Refused none() {
        return new Refused(Problem.NOT_FOUND, "There is no such slot that a machine opens.");
    }

    private static Refused noPin() {
        return new Refused(
                Problem.SEALED,
                "The HSM's PIN is missing: give it with --hsm-pin-file F, or name its file in vault.yaml"
                        + " (unseal.hsmPinFile).");
    }
}

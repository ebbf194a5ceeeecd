package org.patronvault.core.keys;

import java.util.List;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SharesSlot;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotFacts;

/**
 * A share that was found to be one of these keys, as its card shows it. It holds the share: its text form names the
 * share, never its words.
 *
 * @param vaultId of the vault it opens
 * @param set as six hexadecimal digits
 * @param words as they are typed, thirty of them
 */
public record VerifiedShare(SlotFacts slot, String vaultId, String set, int index, List<String> words) {
    /** Parses a share typed from its card; refuses one that does not open these keys. */
    static VerifiedShare typed(KeyFiles files, String words) {
        RingFile ring = files.ring();
        List<Slot> slots = files.openers(ring);
        Share share = SharesSlot.read(slots, words);
        try {
            SharesSlot slot = SharesSlot.of(slots, share);
            List<String> typed = List.of(share.words().split(" ", -1));
            return new VerifiedShare(slot.facts(), ring.vaultId(), slot.setName(), share.index(), typed);
        } finally {
            share.wipe();
        }
    }

    @Override
    public String toString() {
        return "VerifiedShare[" + index + " of set " + set + ", REDACTED]";
    }
}

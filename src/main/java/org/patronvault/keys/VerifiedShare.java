package org.patronvault.keys;

import java.util.List;

/**
 * A share as its card says it, once it is known to be one of ours. Holds the share: prints which one it is, never its
 * words.
 *
 * @param vaultId of the vault it opens
 * @param set as six hexadecimal digits
 * @param words as they are typed, thirty of them
 */
public record VerifiedShare(SlotFacts slot, String vaultId, String set, int index, List<String> words) {
    /** What was typed from its card; refused if it is none of the shares that open these keys. */
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

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
public record KnownShare(SlotFacts slot, String vaultId, String set, int index, List<String> words) {
    @Override
    public String toString() {
        return "KnownShare[" + index + " of set " + set + ", REDACTED]";
    }
}

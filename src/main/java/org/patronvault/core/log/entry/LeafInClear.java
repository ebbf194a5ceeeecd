package org.patronvault.core.log.entry;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.crypto.SealedBox;

/**
 * The unsealed content of a stored log entry, readable without a key.
 *
 * @param event without patrons
 * @param sealed the sealed member that names patrons, unopened; empty if there is none
 */
public record LeafInClear(AccessEvent event, byte[] sealed) {

    /** Returns the lengths that the sealed member of an entry can have; 0 if there is none. */
    public static Set<Integer> sealedLengths() {
        return Stream.concat(
                        Stream.of(0), SubjectRecords.sizesBytes().stream().map(size -> size + SealedBox.OVERHEAD_BYTES))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Parses the bytes of an entry.
     *
     * @throws org.patronvault.core.model.IntegrityException if they are no entry
     */
    public static LeafInClear of(byte[] leaf) {
        Leaf.ParsedLeaf parsed = Leaf.parse(leaf);
        return new LeafInClear(parsed.event(), parsed.sealed());
    }
}

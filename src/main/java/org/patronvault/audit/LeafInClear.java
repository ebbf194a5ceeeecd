package org.patronvault.audit;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.crypto.SealedBox;

/**
 * What a stored entry of the log shows to whoever has no key.
 *
 * @param event without patrons
 * @param sealed the member that says which patrons, as it stands; empty where there is none
 */
public record LeafInClear(AccessEvent event, byte[] sealed) {

    /** How long the sealed member of an entry can be; 0 where there is none. */
    public static Set<Integer> sealedLengths() {
        return Stream.concat(
                        Stream.of(0), SubjectRecords.sizesBytes().stream().map(size -> size + SealedBox.OVERHEAD_BYTES))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * That of such bytes.
     *
     * @throws org.patronvault.model.IntegrityException if they are no entry
     */
    public static LeafInClear of(byte[] leaf) {
        Leaf.ParsedLeaf parsed = Leaf.parse(leaf);
        return new LeafInClear(parsed.event(), parsed.sealed());
    }
}

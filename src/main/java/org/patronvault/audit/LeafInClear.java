package org.patronvault.audit;

/**
 * What a stored entry of the log shows to whoever has no key.
 *
 * @param event without patrons
 * @param sealed the member that says which patrons, as it stands; empty where there is none
 */
public record LeafInClear(AccessEvent event, byte[] sealed) {

    /**
     * That of such bytes.
     *
     * @throws org.patronvault.model.IntegrityException if they are no entry
     */
    public static LeafInClear of(byte[] leaf) {
        Leaf.Parsed parsed = Leaf.parse(leaf);
        return new LeafInClear(parsed.event(), parsed.sealed());
    }
}

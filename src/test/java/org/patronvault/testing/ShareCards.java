package org.patronvault.testing;

import java.util.List;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.custody.slot.Slots;

/** Share cards as their holders have them. */
public final class ShareCards {
    private ShareCards() {}

    /** Adds a slot that any {@code threshold} of so many cards open, as the command does; gives the words of each. */
    public static List<String> addTo(VaultInstance vault, int count, int threshold) {
        Slots slots = vault.slots();
        try (SlotMaker maker = slots.more()) {
            List<Share> shares = maker.addShares(count, threshold);
            shares.forEach(maker::prove);
            slots.add(OpenVault.person("custodian").actor(), Optional.empty(), maker);
            return shares.stream().map(Share::words).toList();
        }
    }
}

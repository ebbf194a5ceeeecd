package org.patronvault.privacy.mailing;

import org.patronvault.app.VaultInstance;
import org.patronvault.core.model.PatronId;

/** An unsubscribe link as a mailing makes it, without the mailing. */
public final class MadeLink {
    private MadeLink() {}

    /** The token that takes back the patron's first word on that purpose. */
    public static String token(VaultInstance vault, PatronId patron, String purpose) {
        return new UnsubscribeLink(patron, purpose, 1, 7).seal(vault.custody().keys());
    }
}

package org.patronvault.core.log.entry;

import java.util.List;
import java.util.Set;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/** Leaves of looks at four fields of one patron, for whoever times how they are made. */
public final class LookupLeaves {
    private static final Set<PatronField> FIELDS =
            Set.of(PatronField.NAME, PatronField.ADDRESS, PatronField.PHONE, PatronField.EMAIL);

    private final UnsealedKeys keys = LogTestVault.sharedKeys().keys();
    private final int month = Leaf.monthOf(LogTestVault.CLOCK.instant());

    /** A look at that patron. */
    public static AccessEvent look(long patron) {
        return AccessEvent.of(
                        LogTestVault.CLOCK.instant(),
                        LogTestVault.CLERK,
                        ActKind.REVEAL,
                        Outcome.DISCLOSED,
                        AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(List.of(Subject.opened(new PatronId(patron), FIELDS)));
    }

    /** Its leaf, the patron in it sealed. */
    public byte[] leaf(AccessEvent event) {
        return Leaf.encode(event, keys.vaultId(), month, keys.logContent(month));
    }
}

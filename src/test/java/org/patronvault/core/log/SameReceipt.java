package org.patronvault.core.log;

import org.patronvault.core.log.entry.AccessEvent;

/** Receipts of one entry, for a test that opens the same values thousands of times. */
public final class SameReceipt {
    private SameReceipt() {}

    /** Returns a receipt of that entry, as the engine made it. */
    public static AuditReceipt of(long index, AccessEvent event) {
        return new AuditReceipt(index, event);
    }
}

package org.patronvault.testing;

import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Deciding;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.VaultAct;
import org.patronvault.core.log.entry.AccessEvent;

/** An act that only counts against a limit, and has one entry. */
public record CountingAct(AccessEvent attempt, Reservation limit) implements VaultAct<AuditReceipt> {
    @Override
    public boolean writes() {
        return false;
    }

    @Override
    public Decision<AuditReceipt> decide(Deciding now) {
        return Decision.done(attempt).alerting(limit.take(now.tx()));
    }
}

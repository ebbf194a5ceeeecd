package org.patronvault.privacy;

import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.DayCounter;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;

/** The log at a glance: what waits to be looked into, and what the last thirty days came to. */
public final class LogOverview {
    private final Access access;
    private final AuditLog log;
    private final AlertQueue alerts;
    private final DayCounter days;

    /** What is there to see, and the entry of this very look. */
    public record Overview(AlertQueue.Queue alerts, DayCounter.Result days, long entry) {}

    LogOverview(Access access, AuditLog log, AlertQueue alerts, DayCounter days) {
        this.access = access;
        this.log = log;
        this.alerts = alerts;
        this.days = days;
    }

    /** All of it; a look at the log like any other. */
    public Overview look(Caller caller, byte[] request) {
        AccessEvent attempt = require(caller, request);
        long entry =
                log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED))).index();
        return new Overview(alerts.look(caller), days.counted(), entry);
    }

    /** The days alone, further on: whoever asks has had his look. */
    public DayCounter.Result days(Caller caller, byte[] request) {
        require(caller, request);
        return days.counted();
    }

    private AccessEvent require(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, AccessRequest.may(Permission.READ_LOG), attempt);
        return attempt;
    }

    /** What waits to be looked into. */
    public AlertQueue alerts() {
        return alerts;
    }
}

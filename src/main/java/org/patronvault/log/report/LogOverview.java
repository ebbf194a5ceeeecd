package org.patronvault.log.report;

import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.log.count.DayCounter;

/** An overview of the log: the alerts that wait, and the sums of the last thirty days. */
public final class LogOverview {
    private final Access access;
    private final AuditLog log;
    private final AlertQueue alerts;
    private final DayCounter days;

    /** The overview, and the log entry of this reading. */
    public record Overview(AlertQueue.Queue alerts, DayCounter.Result days, long entry) {}

    public LogOverview(Access access, AuditLog log, AlertQueue alerts, DayCounter days) {
        this.access = access;
        this.log = log;
        this.alerts = alerts;
        this.days = days;
    }

    /** Returns the whole overview; logged as a reading of the log. */
    public Overview look(Caller caller, byte[] request) {
        AccessEvent attempt = require(caller, request);
        long entry = log.record(attempt.ending(Outcome.SEARCHED)).index();
        return new Overview(alerts.look(caller), days.counted(), entry);
    }

    /** Returns the day counts alone; not logged, since {@link #look} already was. */
    public DayCounter.Result days(Caller caller, byte[] request) {
        require(caller, request);
        return days.counted();
    }

    private AccessEvent require(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, Permission.READ_LOG, attempt);
        return attempt;
    }

    /** The alerts that wait for review. */
    public AlertQueue alerts() {
        return alerts;
    }
}

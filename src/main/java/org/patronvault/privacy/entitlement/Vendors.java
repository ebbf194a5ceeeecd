package org.patronvault.privacy.entitlement;

import java.time.Clock;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.access.Access;
import org.patronvault.access.client.Clients;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.VendorService;
import org.patronvault.log.count.DayCounter;
import org.patronvault.log.count.DayCounts;

/**
 * The numbers of each vendor's checks and answers (P8), for people who read the log or manage the clients. They are
 * counted from the unencrypted parts of the log, which hold no patron: the vault does not know the patrons a vendor
 * asked about. Each reading is in the log. Safe for use by many threads.
 */
public final class Vendors {
    private final Access access;
    private final AuditLog log;
    private final DayCounter days;
    private final Clock clock;

    /**
     * A result.
     *
     * @param behind how many log entries are not yet counted
     * @param entry the log entry of this reading
     */
    public record Result<T>(T seen, long behind, long entry) {}

    /** The vendors among the clients of {@code access}, with the checks that {@code days} counts. */
    public Vendors(Access access, AuditLog log, DayCounter days, Clock clock) {
        this.access = access;
        this.log = log;
        this.days = days;
        this.clock = clock;
    }

    /** Returns every client that may check entitlements, or might before it was ended, by name. */
    public Result<List<Vendor>> list(Caller caller, byte[] request) {
        AccessEvent attempt = require(caller, request);
        long entry = entry(attempt);
        List<Clients.Facts> clients =
                access.clients().list().stream().filter(this::isVendor).toList();
        DayCounter.Result counted = days.counted();
        return new Result<>(
                clients.stream().map(client -> vendor(client, counted)).toList(), counted.behind(), entry);
    }

    /**
     * Returns one vendor.
     *
     * @throws Refused {@code not-found} if no vendor has that name
     */
    public Result<Vendor> look(Caller caller, String name, byte[] request) {
        AccessEvent attempt = require(caller, request);
        Clients.Facts client = log.logging(attempt, () -> find(name));
        long entry = entry(attempt.about(client.name()));
        DayCounter.Result counted = days.counted();
        return new Result<>(vendor(client, counted), counted.behind(), entry);
    }

    private AccessEvent require(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.READ_LOG, Outcome.REFUSED, request);
        if (!access.may(caller, Permission.CLIENTS)) {
            access.require(caller, Permission.READ_LOG, attempt);
        }
        return attempt;
    }

    private long entry(AccessEvent attempt) {
        return log.record(attempt.ending(Outcome.SEARCHED)).index();
    }

    private boolean isVendor(Clients.Facts client) {
        return access.may(client.caller(), Permission.ENTITLEMENT);
    }

    private Clients.Facts find(String name) {
        Clients.Facts client = access.clients().find(name);
        if (!isVendor(client)) {
            throw new Refused(Problem.NOT_FOUND, "That client is no vendor's.");
        }
        return client;
    }

    private Vendor vendor(Clients.Facts client, DayCounter.Result counted) {
        String name = client.name();
        SortedMap<LocalDate, VendorCounts> byDay = new TreeMap<>();
        SortedMap<String, VendorCounts> byService = new TreeMap<>();
        counted.days().forEach((day, counts) -> {
            byDay.put(day, VendorCounts.NONE);
            counts.checks().forEach((check, times) -> {
                if (check.client().equals(name)) {
                    VendorCounts asked = VendorCounts.of(CheckAnswer.of(check.reason()), times);
                    byDay.merge(day, asked, VendorCounts::and);
                    byService.merge(check.service().orElse(""), asked, VendorCounts::and);
                }
            });
        });
        return new Vendor(
                client,
                state(client),
                services(name),
                Collections.unmodifiableSortedMap(byDay),
                Collections.unmodifiableSortedMap(byService),
                counted.days().values().stream()
                        .map(DayCounts::lastChecks)
                        .filter(last -> last.containsKey(name))
                        .map(last -> last.get(name))
                        .reduce((earlier, later) -> later));
    }

    private Vendor.State state(Clients.Facts client) {
        if (client.revoked()) {
            return Vendor.State.REVOKED;
        }
        return client.grant().hasEnded(clock.instant()) ? Vendor.State.EXPIRED : Vendor.State.ACTIVE;
    }

    private SortedMap<String, VendorService> services(String client) {
        Policy policy = access.policy();
        SortedMap<String, VendorService> services = new TreeMap<>();
        for (String name : policy.serviceNames()) {
            policy.service(name).filter(one -> one.isFor(client)).ifPresent(one -> services.put(name, one));
        }
        return Collections.unmodifiableSortedMap(services);
    }
}

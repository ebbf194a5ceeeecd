package org.patronvault.privacy.entitlement;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.SortedMap;
import org.patronvault.access.client.Clients;
import org.patronvault.core.policy.VendorService;

/**
 * A client that may check entitlements: its services, its checks of the last thirty days, and their answers. It holds
 * nothing about a patron, and nothing that could be derived from one.
 *
 * @param services the services it may check, as the policy says now, by name
 * @param days each day, also those without a check
 * @param byService all days together, by service; a service unknown to the policy has the empty name
 * @param lastAsked to the minute in which it was counted; empty without a check in these days
 */
public record Vendor(
        Clients.Facts client,
        State state,
        SortedMap<String, VendorService> services,
        SortedMap<LocalDate, VendorCounts> days,
        SortedMap<String, VendorCounts> byService,
        Optional<Instant> lastAsked) {

    /** The state of its key. */
    public enum State {
        ACTIVE,
        EXPIRED,
        REVOKED
    }

    /** The newest day. */
    public VendorCounts today() {
        return days.get(days.lastKey());
    }

    /** All days and services together. */
    public VendorCounts sum() {
        return byService.values().stream().reduce(VendorCounts.NONE, VendorCounts::and);
    }
}

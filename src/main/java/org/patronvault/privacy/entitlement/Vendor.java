package org.patronvault.privacy.entitlement;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.SortedMap;
import org.patronvault.access.Clients;
import org.patronvault.access.VendorService;

/**
 * A client that may ask whether a card is entitled: what it may ask, what it asked in the last thirty days, and what it
 * got. Nothing here is about a patron, nor is there anything it could be made of.
 *
 * @param services which it may ask about, as the policy says now, by name
 * @param days each of them, also those on which it did not ask
 * @param byService all days together, by the service; one that the policy did not know is the empty name
 * @param lastAsked to the minute in which it was counted; empty if it did not ask in these days
 */
public record Vendor(
        Clients.Facts client,
        State state,
        SortedMap<String, VendorService> services,
        SortedMap<LocalDate, VendorCounts> days,
        SortedMap<String, VendorCounts> byService,
        Optional<Instant> lastAsked) {

    /** Whether its key opens anything. */
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
